"""Large values lie in pages of 2 MiB where the kernel has them: a page fault for each 4 KiB was a fifth of a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
LARGE = """
import transformer_core, torch
values = torch.ones(2**24)
rollup = open("/proc/self/smaps_rollup").read()
print(next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("AnonHugePages")))
"""
CHOICE = "import os, transformer_core; print(os.environ['THP_MEM_ALLOC_ENABLE'])"


def run(code: str, **environment: str) -> str:
    """What a new Python prints; by itself it has made no choice of pages."""
    inherited = {name: value for name, value in os.environ.items() if name != "THP_MEM_ALLOC_ENABLE"}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_large_values_lie_in_huge_pages_where_the_kernel_has_them():
    if sys.platform != "linux" or not MODES.exists():
        assert run(CHOICE).strip() == "1"  # asked for, though nobody answers
        return
    has_them = "[never]" not in MODES.read_text()
    assert (int(run(LARGE)) * 1024 >= 2**25) == has_them


def test_the_choice_of_the_user_stays():
    assert run(CHOICE, THP_MEM_ALLOC_ENABLE="0").strip() == "0"
