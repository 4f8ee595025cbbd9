"""Packed whole numbers: the same bits again, and nothing from a stream that is damaged or holds more than was asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from safetensors.torch import load_file, save_file

from transformer_core.ancestors.counting import count_grams
from transformer_core.ancestors.ngram import Ngram
from transformer_core.glass.errors import CheckpointError
from transformer_core.glass.files.packed import pack, unpack
from transformer_core.models.files import save_model
from transformer_core.models.weights import load_weights


@pytest.mark.parametrize("kind", ["int16", "int32", "int64"])
def test_they_come_back_as_they_were(kind: str) -> None:
    for shape in ((0,), (300, 7)):
        array = np.arange(np.prod(shape), dtype=kind).reshape(shape) - 5
        found = unpack(pack(array), array.nbytes)
        assert found.dtype == array.dtype
        assert_array_equal(found, array)


def test_a_damaged_stream_is_refused_by_the_name_of_its_parameter(tmp_path: Path) -> None:
    model = Ngram.counted(count_grams([[3, 4, 5], [5, 5, 3]], 3, 8, start=1, end=2))
    save_model(tmp_path, model, None, None)
    path = tmp_path / "model.safetensors"
    whole = load_file(path)
    stream = whole["order2.ids"]
    other = {
        "cut off": stream[:-8],
        "holds more": torch.from_numpy(pack(np.zeros(2_000_000, np.int16)).copy()),
        "holds no packed": stream + 1,
        "and the config asks for": torch.from_numpy(pack(np.zeros(3, np.int16)).copy()),
        "cannot be read": torch.from_numpy(pack(np.frombuffer(b"no array", np.uint8))[:0].copy()),
    }
    for message, damaged in other.items():
        save_file({**whole, "order2.ids": damaged}, path)
        with pytest.raises(CheckpointError, match=rf"order2\.ids .*{message}"):
            load_weights(model, path)
