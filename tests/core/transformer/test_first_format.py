"""What an earlier version wrote still opens: a trace that held the config of its Transformer, and a model's folder.

The files in tests/data/first_format were written by version 0.1.0, before there were plans: one layer a stack, random
weights, and a trace under two edits (its zip was packed anew, to take less room).
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from transformer_core.edits.parse import parse_edits
from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.glass.formulas import difference
from transformer_core.glass.trace import Trace
from transformer_core.models.files import load_model

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "data" / "first_format"
EDITS = ("off:decoder.0.cross_attn:1", "mask:encoder.0.self_attn:window:1")
EDITED = ("encoder.0.self_attn.mask", "decoder.0.cross_attn.z")

WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from transformer_core import Trace, difference
trace = Trace.load(sys.argv[1])
print(len(trace), sum(difference(trace, key) > 1e-5 for key in trace))
"""


def header():
    with np.load(FOLDER / "trace.npz") as file:
        return json.loads(str(file["trace.json"]))


def with_header(tmp_path, **changes):
    """The file with some fields of its header changed."""
    with np.load(FOLDER / "trace.npz") as file:
        arrays = dict(file)
    arrays["trace.json"] = np.array(json.dumps(header() | changes))
    np.savez(tmp_path / "trace.npz", **arrays)
    return tmp_path / "trace.npz"


def test_the_files_are_of_the_first_format():
    assert "config" in header()
    assert not {"format", "plan", "words"} & set(header())
    assert "format" not in json.loads((FOLDER / "model" / "config.json").read_text())


def test_a_trace_opens_with_its_words_and_edits():
    trace = Trace.load(FOLDER / "trace.npz")
    assert trace.source_tokens == ("有", "猫", "</s>")
    assert trace.target_tokens == ("<s>", "a")
    assert trace.written_tokens == ("a", "</s>")
    assert trace.written_ids[-1] == 2
    special = [[word.special for word in trace.words_of(name).read] for name in ("source", "target")]
    assert special == [[False, False, True], [True, False]]
    assert (trace.edits, trace.edited, trace.changed, trace.breaks_causality) == (EDITS, EDITED, (True, True), False)


def test_every_value_of_it_is_explained():
    trace = Trace.load(FOLDER / "trace.npz")
    assert [key for key in trace if difference(trace, key) > 1e-5] == [*EDITED]


@pytest.mark.slow
def test_it_opens_where_torch_cannot_be_imported():
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TORCH, FOLDER / "trace.npz"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(len(Trace.load(FOLDER / "trace.npz"))), str(len(EDITED))]


def test_a_model_opens_and_computes_what_it_computed():
    saved, glass = Trace.load(FOLDER / "trace.npz"), load_model(FOLDER / "model")
    trace = glass.trace("有猫", "a", edits=parse_edits(";".join(EDITS), glass.plan))
    assert trace.plan == saved.plan
    assert (trace.words, trace.edits, trace.edited, trace.changed) == (
        saved.words,
        saved.edits,
        saved.edited,
        saved.changed,
    )
    assert list(trace) == list(saved)
    for key in saved:
        assert trace[key].dtype == saved[key].dtype, key
        scale = float(np.abs(saved[key][np.isfinite(saved[key])]).max())
        np.testing.assert_allclose(trace[key], saved[key], rtol=0, atol=1e-6 * scale, err_msg=key)
    assert set(trace.parameters) == set(saved.parameters)
    for name, value in saved.parameters.items():
        np.testing.assert_array_equal(trace.parameters[name], value, err_msg=name)


def test_saved_anew_it_is_the_same_trace_in_todays_format(tmp_path):
    trace = Trace.load(FOLDER / "trace.npz")
    trace.save(tmp_path / "trace.npz")
    with np.load(tmp_path / "trace.npz") as file:
        assert "plan" in json.loads(str(file["trace.json"]))
    again = Trace.load(tmp_path / "trace.npz")
    assert (again.plan, again.words, again.edits, again.edited) == (trace.plan, trace.words, trace.edits, trace.edited)
    for key in trace:
        np.testing.assert_array_equal(again[key], trace[key], err_msg=key)


@pytest.mark.parametrize(
    "changes",
    [
        {"config": {"d_model": 12}},
        {"config": 3},
        {"source_tokens": 3},
        {"written_ids": ["a"]},
    ],
    ids=["half a config", "no config", "no words", "no ids"],
)
def test_a_header_that_makes_no_sense_is_refused(tmp_path, changes):
    with pytest.raises(CheckpointError, match="is not a saved trace"):
        Trace.load(with_header(tmp_path, **changes))


def test_another_config_than_the_values_have_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match=r"lacks or adds the sites .*encoder\.1\."):
        Trace.load(with_header(tmp_path, config=header()["config"] | {"n_encoder_layers": 2}))


def test_a_config_with_a_field_too_few_is_refused(tmp_path):
    for path in (FOLDER / "model").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    del config["d_ff"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match=r"missing: \['d_ff'\]"):
        load_model(tmp_path)
