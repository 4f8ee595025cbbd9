"""A choice of the core's tests on another processor: torch's plainest kernels sum in another order."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHOICE = (
    "transformer/test_causality",
    "models/test_glass_edits",
    "transformer/test_invariants",
    "transformer/test_parity",
    "decoding/test_step_proof",
)
QUICKLY = ("--hypothesis-profile", "quick")  # other kernels, not other examples
RUN = """
import sys, pytest, torch
print(torch.backends.cpu.get_cpu_capability())
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_choice_of_tests_passes_with_the_plainest_kernels() -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env |= {"ATEN_CPU_CAPABILITY": "default", "OMP_NUM_THREADS": "1"}
    files = [f"tests/core/{name}.py" for name in CHOICE]
    command = [
        sys.executable,
        "-c",
        RUN,
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow and not peers",
        *QUICKLY,
        *files,
    ]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("DEFAULT\n")
    passed = re.search(r"^(\d+) passed", done.stdout, flags=re.MULTILINE)
    assert passed is not None, done.stdout
    assert int(passed[1]) > 100
