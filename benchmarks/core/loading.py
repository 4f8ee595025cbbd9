"""A checkpoint of GPT-2's and of BERT's size opened: how long that takes, and the memory that it leaves behind.

Each opening is a process of its own, which has imported everything before. Anonymous memory is what no file backs, read
from /proc, so that this runs on Linux only.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.core.checkpoints import FAMILIES, saved
from benchmarks.results import Row
from benchmarks.timing import summary
from tests.core.hub import save_variant

SIZES = ("gpt2", "bert")
GOALS = {"load": 1.2, "anonymous": 1.1}
OPENERS = {
    "ours": "from transformer_core.models.files import load_model as open_it",
    "theirs": "import transformers; open_it = transformers.{model}.from_pretrained",
}
_OPEN = """
import sys, threading, time
import torch
torch.set_num_threads(1)
{imports}

def anonymous():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon"))

open_it(sys.argv[2])  # a small one, which fills all tables
before, highest, ended = anonymous(), [0], threading.Event()

def watch():
    while not ended.wait(0.002):
        highest[0] = max(highest[0], anonymous())

watching = threading.Thread(target=watch, daemon=True)
watching.start()
start = time.process_time()
found = open_it(sys.argv[1])
seconds = time.process_time() - start
ended.set()
model = getattr(found, "model", found) if hasattr(found, "abilities") else found
n_bytes = sum(parameter.nbytes for parameter in model.parameters())
print(seconds, (max(anonymous(), highest[0]) - before) / n_bytes)
"""


def loading_rows(name: str, rounds: int = 5) -> list[Row]:
    """Return the rows of a family: CPU of an opening to theirs, and the most anonymous memory to the weights' bytes."""
    with saved(name) as folder, TemporaryDirectory() as little:
        save_variant(name, Path(little))
        found = [{side: _opened(side, name, folder, little) for side in OPENERS} for _ in range(rounds)]
    ratios = summary([one["ours"][0] / one["theirs"][0] for one in found])
    shares = summary([one["ours"][1] for one in found])
    what = f"most anonymous memory of an opening / bytes of the weights: {name}"
    return [
        Row(f"load-{name}", f"opening / from_pretrained, CPU: {name}", GOALS["load"], ratios),
        Row(f"anonymous-{name}", what, GOALS["anonymous"], shares),
    ]


def _opened(side: str, name: str, folder: Path, little: str) -> tuple[float, float]:
    """Seconds of CPU, and the memory as a share of the weights."""
    script = _OPEN.format(imports=OPENERS[side].format(model=FAMILIES[name].model))
    command = [sys.executable, "-W", "ignore", "-c", script, str(folder), little]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, share = map(float, done.stdout.split()[-2:])
    return seconds, share
