"""A checkpoint of GPT-2's and of BERT's size opened: how long that takes, and the memory that it leaves behind.

Each opening is a process of its own, which has imported everything before. Hugging Face's library only maps the file;
ours also reads every number of it, and refuses those that are none. So there is a second row, of an opening and a first
short text, behind which both have read every number.

Anonymous memory is what no file backs, read from /proc, so that this runs on Linux only.
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
GOALS = {"load": 1.2, "first": 1.2, "anonymous": 1.1}
N_TOKENS = 16
OPENERS = {
    "ours": """
from transformer_core.models.files import load_model
def open_it(folder): return load_model(folder).model
def read(model, ids): return model(**{{"{side}": ids}})
""",
    "theirs": """
import transformers
open_it = transformers.{model}.from_pretrained
def read(model, ids): return model(ids)
""",
}
_OPEN = """
import sys, threading, time
import torch
torch.set_num_threads(1)
torch.set_grad_enabled(False)
{side}

def anonymous():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon"))

read(open_it(sys.argv[2]), torch.arange(3, 9)[None])  # a small one, which fills all tables
before, highest, ended = anonymous(), [0], threading.Event()

def watch():
    while not ended.wait(0.002):
        highest[0] = max(highest[0], anonymous())

watching = threading.Thread(target=watch, daemon=True)
watching.start()
start = time.process_time()
model = open_it(sys.argv[1])
opened = time.process_time() - start
ended.set()
watching.join()
share = (max(anonymous(), highest[0]) - before) / sum(parameter.nbytes for parameter in model.parameters())
start = time.process_time()
read(model, torch.arange(300, 300 + {n_tokens})[None])
print(opened, opened + time.process_time() - start, share)
"""


def loading_rows(name: str, rounds: int = 5) -> list[Row]:
    """Return the rows of a family: CPU of both ways to theirs, and the most anonymous memory to the weights' bytes."""
    with saved(name) as folder, TemporaryDirectory() as little:
        save_variant(name, Path(little))
        found = [{side: _opened(side, name, folder, little) for side in OPENERS} for _ in range(rounds)]
    opening, first = (summary([one["ours"][i] / one["theirs"][i] for one in found]) for i in range(2))
    shares = summary([one["ours"][2] for one in found])
    what = f"most anonymous memory of an opening / bytes of the weights: {name}"
    return [
        Row(f"load-{name}", f"opening / from_pretrained, CPU: {name}", GOALS["load"], opening),
        Row(f"first-{name}", f"the same, and {N_TOKENS} tokens read: {name}", GOALS["first"], first),
        Row(f"anonymous-{name}", what, GOALS["anonymous"], shares),
    ]


def _opened(side: str, name: str, folder: Path, little: str) -> tuple[float, ...]:
    """Seconds of CPU, also with the first text, and the memory as a share of the weights."""
    family = FAMILIES[name]
    opener = OPENERS[side].format(model=family.model, side="source" if family.reads else "target")
    command = [sys.executable, "-W", "ignore", "-c", _OPEN.format(side=opener, n_tokens=N_TOKENS), str(folder), little]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tuple(map(float, done.stdout.split()[-3:]))
