"""The list of edits: each has a text that means it, and what a model or a run cannot bear is refused by name."""

import re

import pytest

from tests.core.tiny import SHAPES, make_config, shape_name
from transformer_core.edits.errors import (
    EditBlockError,
    EditHeadError,
    EditPatternError,
    EditPositionError,
    EditRowError,
    EditSideError,
    EditSiteError,
    EditTemperatureError,
    EditTextError,
    EditWeightsError,
)
from transformer_core.edits.parse import (
    DropPositions,
    Fill,
    KeepOnly,
    MaskCells,
    Patch,
    ReplaceRow,
    SetAttention,
    SkipNorm,
    SkipResidual,
    SwitchOff,
    Temperature,
    WholeMask,
    breaks_causality,
    check_edits,
    parse_edit,
    parse_edits,
    to_text,
)
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.transformer.plans import transformer_plan

PLAN = transformer_plan(make_config())
SELF, CROSS = "decoder.0.self_attn", "decoder.1.cross_attn"
TEXTS = {
    "off:decoder.1.cross_attn:0,2": SwitchOff(CROSS, (2, 0, 2)),
    "keep:encoder.0.self_attn:1": KeepOnly("encoder.0.self_attn", (1,)),
    "zero:decoder.0.ffn.out:2,3": Fill("decoder.0.ffn.out", (3, 2), "zero"),
    "one:decoder.1.ffn.act:0": Fill("decoder.1.ffn.act", (0,), "one"),
    "mean:encoder.0.self_attn.z:*": Fill("encoder.0.self_attn.z", (), "mean"),
    "freeze:decoder.1.cross_attn.weights:0": Fill(f"{CROSS}.weights", (0,), "freeze"),
    "patch:encoder.0.out:2:我有 a%3Bb%3Ac%25": Patch("encoder.0.out", (2,), " 我有 a;b:c% "),
    "row:src_embed.lookup:7:9": ReplaceRow("src_embed.lookup", 7, 9),
    "attend:decoder.0.self_attn:1:4:2": SetAttention(SELF, 1, 4, 2),
    "weights:decoder.0.self_attn:1:4:0.25,0,0.75": SetAttention(SELF, 1, 4, (0.25, 0, 0.75)),
    "temperature:decoder.0.self_attn:1:2.5": Temperature(SELF, 1, 2.5),
    "temperature:decoder.0.self_attn:1:2": Temperature(SELF, 1, 2),
    "drop:source:1,2": DropPositions("source", (1, 2)),
    "no_residual:decoder.0.add2": SkipResidual("decoder.0.add2"),
    "no_norm:encoder.1.ln2": SkipNorm("encoder.1.ln2"),
    "allow:decoder.*.self_attn:0-3,1-3": MaskCells("decoder.*.self_attn", ((1, 3), (0, 3)), True),
    "forbid:decoder.1.cross_attn:4-1": MaskCells(CROSS, ((4, 1),), False),
    "mask:decoder.*.self_attn:causal": WholeMask("decoder.*.self_attn", "causal"),
    "mask:encoder.0.self_attn:none": WholeMask("encoder.0.self_attn", "none"),
    "mask:encoder.0.self_attn:window:2": WholeMask("encoder.0.self_attn", "window", 2),
}


class TestTexts:
    @pytest.mark.parametrize("text", TEXTS)
    def test_every_edit_has_a_text_that_means_it(self, text):
        edit = parse_edit(text, PLAN)
        assert edit == TEXTS[text]
        assert edit.to_text() == text
        assert len({edit, TEXTS[text]}) == 1  # fit to be a key

    def test_a_list_stands_between_semicolons(self):
        text = ";".join(TEXTS)
        assert parse_edits(text, PLAN) == tuple(TEXTS.values())
        assert to_text(TEXTS.values()) == text
        assert parse_edits(" ; ", PLAN) == ()
        assert to_text(()) == ""

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "of:decoder.0.self_attn:1",
            "off:decoder.0.self_attn",
            "off:decoder.0.self_attn:1:2",
            "off:decoder.0.self_attn:*",
            "off:decoder.0.self_attn:-1",
            "off:decoder.0.self_attn:1,,2",
            "off:decoder.0.self_attn:２",
            "drop:source:*",
            "allow:decoder.0.self_attn:1",
            "allow:decoder.0.self_attn:1-2-3",
            "temperature:decoder.0.self_attn:1:warm",
            "mask:decoder.0.self_attn:window",
            "mask:decoder.0.self_attn:causal:3",
            "attend:decoder.0.self_attn:1:4:1234567",
        ],
    )
    def test_what_is_no_edit_is_refused_with_its_text(self, text):
        with pytest.raises(EditTextError, match=re.escape(repr(text))) as caught:
            parse_edit(text, PLAN)
        assert caught.value.fields["text"] == text
        assert "no_residual" in caught.value.fields["known"]


class TestChecks:
    @pytest.mark.parametrize(
        ("text", "error", "said"),
        [
            ("off:decoder.2.self_attn:1", EditBlockError, "decoder.2.self_attn"),
            ("off:decoder.*.self_attn:1", EditBlockError, "several blocks"),
            ("mask:encoder.*.cross_attn:none", EditBlockError, "encoder.*.cross_attn"),
            ("keep:decoder.0.self_attn:1,3", EditHeadError, "no head 3; the heads go from 0 to 2"),
            ("temperature:decoder.0.self_attn:3:1", EditHeadError, "no head 3"),
            ("temperature:decoder.0.self_attn:0:0", EditTemperatureError, "between 0.001 and 1000, not 0.0"),
            ("temperature:decoder.0.self_attn:0:nan", EditTemperatureError, "not nan"),
            ("weights:decoder.0.self_attn:0:1:0.5,0.4", EditWeightsError, "not to 0.9"),
            ("weights:decoder.0.self_attn:0:1:1.5,-0.5", EditWeightsError, "between 0 and 1"),
            ("weights:decoder.0.self_attn:0:1:nan,1", EditWeightsError, "between 0 and 1"),
            ("zero:decoder.0.fn.out:0", UnknownSiteError, "decoder.0.ffn.out"),
            ("zero:src_embed.tokens:0", EditSiteError, "src_embed.tokens"),
            ("zero:decoder.0.self_attn.mask:0", EditSiteError, "zero"),
            ("zero:decoder.0.self_attn.head_out:0", EditSiteError, "head_out"),
            ("zero:decoder.0.self_attn.weights:0", EditSiteError, "weights"),
            ("one:decoder.0.self_attn.weights:0", EditSiteError, "one"),
            ("mean:decoder.0.self_attn.scores:0", EditSiteError, "mean"),
            ("freeze:decoder.0.self_attn.mask:0", EditSiteError, "freeze"),
            ("patch:decoder.0.self_attn.weights:0:x", EditSiteError, "weights"),
            ("row:encoder.0.out:1:2", EditSiteError, "no row of a table"),
            ("row:src_embed.lookup:6:999", EditRowError, "no row 999: they go from 0 to"),
            ("no_residual:decoder.0.ln1.out", EditSiteError, "no residual sum"),
            ("no_residual:decoder.0.add4", UnknownSiteError, "decoder.0.add"),
            ("no_norm:decoder.norm", UnknownSiteError, "decoder.norm"),
            ("drop:left:1", EditSideError, "source, target"),
            ("mask:decoder.0.self_attn:wide", EditPatternError, "causal, none, window"),
        ],
    )
    def test_what_the_model_cannot_bear_is_refused_by_name(self, text, error, said):
        with pytest.raises(error, match=re.escape(said)):
            parse_edit(text, PLAN)

    @pytest.mark.parametrize(
        ("text", "position", "side"),
        [
            ("drop:source:4,5", 5, "source"),
            ("zero:decoder.0.out:7", 7, "target"),
            ("patch:encoder.0.out:5:x", 5, "source"),
            ("freeze:decoder.0.cross_attn.k:5", 5, "source"),
            ("attend:decoder.0.cross_attn:0:7:0", 7, "target"),
            ("attend:decoder.0.cross_attn:0:6:5", 5, "source"),
            ("weights:decoder.0.cross_attn:0:6:0,0,0,0,0,1", 5, "source"),
            ("allow:decoder.0.cross_attn:6-5", 5, "source"),
        ],
    )
    def test_a_position_that_is_not_there_is_refused(self, text, position, side):
        edit = parse_edit(text, PLAN)
        with pytest.raises(EditPositionError) as caught:
            check_edits([edit], PLAN, {"source": 5, "target": 7})
        fields = {name: caught.value.fields[name] for name in ("position", "side", "last", "edit")}
        assert fields == {"position": position, "side": side, "last": 4 if side == "source" else 6, "edit": text}
        check_edits([edit], PLAN, {"source": 6, "target": 8})

    @pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
    def test_an_edit_reads_and_changes_only_what_the_model_has(self, shape):
        config = make_config(**shape)
        plan, stack = transformer_plan(config), "encoder" if config.has_encoder else "decoder"
        for text in (f"no_residual:{stack}.0.add1", f"no_norm:{stack}.0.ln2", f"off:{stack}.0.self_attn:0"):
            edit = parse_edit(text, plan)
            assert edit.keys(plan)
        if not config.has_encoder:
            with pytest.raises(EditSideError, match="attends to no 'source'; it has target"):
                parse_edit("drop:source:0", plan)


BREAKS = {
    "off:decoder.0.self_attn:0": False,
    "mean:encoder.0.out:*": False,
    "mean:decoder.0.cross_attn.v:*": False,
    "mean:decoder.0.out:*": True,
    "mean:decoder.0.out:6": False,  # the last row may know all
    "mean:decoder.0.self_attn.v:1": True,
    "freeze:decoder.0.out:*": False,
    "attend:decoder.0.self_attn:0:2:2": False,
    "attend:decoder.0.self_attn:0:2:3": True,
    "weights:decoder.0.self_attn:0:2:0.5,0.5,0,0": False,
    "attend:decoder.0.cross_attn:0:2:4": False,
    "attend:encoder.0.self_attn:0:2:4": False,
    "drop:target:3": False,
    "allow:decoder.1.self_attn:2-3": True,
    "allow:decoder.1.self_attn:3-2": False,
    "forbid:decoder.1.self_attn:3-2": False,
    "allow:decoder.*.cross_attn:0-4": False,
    "mask:decoder.*.self_attn:none": True,
    "mask:decoder.*.self_attn:window:1": False,
    "mask:decoder.0.self_attn:none;mask:decoder.0.self_attn:causal": False,
    "mask:decoder.0.self_attn:causal;mask:decoder.0.self_attn:none": True,
}


@pytest.mark.parametrize("text", BREAKS)
def test_what_breaks_causality_is_told_from_the_edits(text):
    assert breaks_causality(parse_edits(text, PLAN), PLAN, 7) == BREAKS[text]


def test_an_encoder_has_no_order_to_break():
    plan = transformer_plan(make_config("encoder-only"))
    assert not breaks_causality(parse_edits("mask:encoder.*.self_attn:none", plan), plan, 0)
