"""The notebook runs from the first cell to the last, without Streamlit."""

from __future__ import annotations

import warnings
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[1] / "examples" / "inside_the_core.ipynb"


@pytest.mark.slow
def test_the_notebook_runs_and_loads_no_streamlit() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.append(
        nbformat.v4.new_code_cell("import sys; assert not {'streamlit', 'plotly'} & set(sys.modules)")
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the notebook's own machinery
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": NOTEBOOK.parent}}).execute()
    shown = "".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    assert "I have a cat" in shown
    assert "head 3 off" in shown


def test_the_notebook_is_stored_without_outputs() -> None:
    assert all(not cell.get("outputs") for cell in nbformat.read(NOTEBOOK, as_version=4).cells)
