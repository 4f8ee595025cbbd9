"""All tests: `python -m tests`; one case of each quick one, in a minute: `python -m tests quick`. Lint comes first.

What follows is handed on to pytest: `python -m tests quick -k formulas`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINT = (("ruff", "format", "--check"), ("ruff", "check"), ("mypy",))  # what the pre-commit hooks run
# Three processes: the browser tests wait more than they work. Files stay whole, because their fixtures start servers,
# and in their order: the browser's come early, so that no long one is left alone at the end.
WHOLE = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
QUICK = (
    "-n",
    "2",
    "--dist",
    "loadfile",
    "--ignore=tests/browser",
    "-m",
    "not browser and not slow and not peers and not install",
    "--hypothesis-profile",
    "quick",
    "--one-case",
)


def _environment() -> dict[str, str]:
    """The environment of the tests: what is compiled stays, or every process rewrites all asserts anew, 10 s each."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for, up to the first thing that fails; return its exit code."""
    quick = list(arguments[:1]) == ["quick"]
    tests = ("pytest", *(QUICK if quick else WHOLE), *arguments[quick:])
    for command in (*LINT, tests):
        print("+", "python -m", *command, flush=True)
        code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=_environment(), check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
