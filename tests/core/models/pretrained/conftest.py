"""A model of another's, in a folder that a test may damage."""

import shutil

import pytest

from transformer_core.glass.files.stored import BUNDLED


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(BUNDLED / "stories-llama", tmp_path / "mine")
