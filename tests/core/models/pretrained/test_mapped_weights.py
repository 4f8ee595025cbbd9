"""The weights of another's checkpoint are the pages of its file: nothing is copied, and who writes changes no file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.core.hub import save_variant
from tests.core.models.pretrained.damage import WEIGHTS, logits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ChangedWeightsError
from transformer_core.models.files import load_model

PARTS = [f"decoder.0.self_attn.W_{letter}" for letter in "QKV"]
IDS = [5, 7, 3]


@pytest.fixture
def fused(tmp_path: Path) -> Path:
    """A GPT-2, whose maps to q, k and v are one tensor."""
    save_variant("gpt2", tmp_path)
    return tmp_path


def mapped(file: Path) -> list[range]:
    """The addresses at which this process has a file."""
    lines = Path("/proc/self/maps").read_text("utf-8").splitlines()
    bounds = [line.split(maxsplit=1)[0].split("-") for line in lines if line.endswith(str(file))]
    return [range(int(first, 16), int(behind, 16)) for first, behind in bounds]


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc where memory lies")
def test_every_weight_lies_in_the_file(folder: Path) -> None:
    model = load_model(folder).model
    places = mapped(folder / WEIGHTS)
    for name, parameter in model.parameters_by_name().items():
        assert any(parameter.data_ptr() in place for place in places), name


@pytest.mark.peers
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16], ids=str)
def test_parts_of_one_tensor_share_its_memory(fused: Path, dtype: torch.dtype) -> None:
    state = {name: x.to(dtype) for name, x in load_file(fused / WEIGHTS).items()}
    save_file(state, fused / WEIGHTS)
    model = load_model(fused).model
    parts = [model.get_parameter(name) for name in PARTS]
    assert {part.untyped_storage().data_ptr() for part in parts} == {parts[0].untyped_storage().data_ptr()}
    assert torch.equal(torch.cat(tuple(parts), dim=1), state["transformer.h.0.attn.c_attn.weight"].float())


@pytest.mark.peers
def test_a_write_changes_one_weight_and_no_file_and_is_noticed(fused: Path) -> None:
    before = (fused / WEIGHTS).read_bytes()
    model = load_model(fused).model
    for name in PARTS:
        trace = run_with_trace(model, target=IDS)
        whole = {one: parameter.clone() for one, parameter in model.parameters_by_name().items()}
        model.get_parameter(name).detach().numpy()[...] += 1  # which no counter sees
        assert run_with_trace(model, target=IDS).parameters is not trace.parameters
        with pytest.raises(ChangedWeightsError, match=name.replace(".", r"\.")):
            trace.parameters[name]
        for one, parameter in model.parameters_by_name().items():
            assert torch.equal(parameter, whole[one] + (one == name)), one
    assert (fused / WEIGHTS).read_bytes() == before
    assert not torch.equal(load_model(fused).model.get_parameter(PARTS[0]), model.get_parameter(PARTS[0]))


def test_a_header_of_odd_length(folder: Path) -> None:
    """As old files have it: no number of theirs lies at a multiple of its own size."""
    wanted = load_model(folder)
    data = (folder / WEIGHTS).read_bytes()
    n = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + n])).encode()
    header += b" " * (1 + len(header) % 2)
    other = folder / "other"
    other.write_bytes(len(header).to_bytes(8, "little") + header + data[8 + n :])
    other.replace(folder / WEIGHTS)
    found = load_model(folder)
    for name, parameter in wanted.model.parameters_by_name().items():
        assert torch.equal(found.model.get_parameter(name), parameter), name
        assert found.model.get_parameter(name).detach().numpy().flags.aligned, name
    np.testing.assert_allclose(logits(found), logits(wanted), rtol=0, atol=1e-4)
