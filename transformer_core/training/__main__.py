"""The command line of the training: `train` makes a model, `evaluate` scores one, `export` bundles one.

`tokenizer` learns one from texts, for several models; `compare-forcing` shows two ways to train, `compare-recall` who
remembers.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from transformer_core.glass.errors import ConfigError, GlassformerError
from transformer_core.training.arguments import CHANGES, COMPARED, RECALLED, TASKS, make_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit status: 0, 2 for a wrong request, 128 + signal after a stop."""
    asked = make_parser(__doc__).parse_args(arguments)
    try:
        return _HANDLERS[asked.command](asked)
    except KeyboardInterrupt:  # before the first update there is nothing to save
        return 128 + signal.SIGINT
    except GlassformerError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _train(asked: argparse.Namespace) -> int:
    from transformer_core.training.data.texts import DataFile
    from transformer_core.training.run import Request, train  # torch is not needed to print the help

    asked.preset = asked.preset or TASKS[asked.task or "pairs"]
    if asked.preset is None:
        raise ConfigError("pairs need a --preset, which names their languages: zh-en, en-fr or en-zh", field="preset")
    asked.data = [DataFile.parse(text) for text in asked.data]
    names = ("norm_position", "schedule", "optimizer", "tie_embeddings", "start_from", *CHANGES)
    changes = _given(asked, names)
    shared = {name: getattr(asked, name) for name in Request.__dataclass_fields__ if name != "changes"}
    return train(Request(changes=changes, **shared))


def _export(asked: argparse.Namespace) -> int:
    from transformer_core.training.export import export, write_card

    if asked.card is not None and asked.dev is None:
        raise ConfigError("a card tells a score: --card needs --dev", field="dev")
    export(asked.run, asked.to, tokenizer_of=asked.tokenizer_of)
    if asked.card is not None:
        write_card(asked.card, asked.run, asked.to, asked.dev, asked.examples)
    return 0


def _tokenizer(asked: argparse.Namespace) -> int:
    from transformer_core.training.data.texts import DataFile
    from transformer_core.training.tasks import learn_tokenizer

    files = [DataFile.parse(text) for text in asked.data]
    learn_tokenizer(files, asked.vocab_size, asked.language).save(asked.out)
    return 0


def _evaluate(asked: argparse.Namespace) -> int:
    from transformer_core.training.run import evaluate_file

    evaluate_file(asked.model, asked.data, show=asked.show, threads=asked.threads)
    return 0


def _forcing(asked: argparse.Namespace) -> int:
    from transformer_core.training.comparisons.forcing_run import Setting, forcing_run

    return _compare(asked, forcing_run(Setting(**_given(asked, COMPARED))))


def _recall(asked: argparse.Namespace) -> int:
    from transformer_core.training.comparisons.recall_run import RecallSetting, recall_run

    return _compare(asked, recall_run(RecallSetting(**_given(asked, RECALLED))))


def _compare(asked: argparse.Namespace, lines: Iterator[dict[str, Any]]) -> int:
    from transformer_core.training.comparisons.compare import compare

    compare(lines, out=asked.out, limit=asked.limit, nice=asked.nice, end_with_input=asked.end_with_input)
    return 0


def _given(asked: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in names if getattr(asked, name) is not None}


_HANDLERS = {
    "train": _train,
    "evaluate": _evaluate,
    "export": _export,
    "tokenizer": _tokenizer,
    "compare-forcing": _forcing,
    "compare-recall": _recall,
}

if __name__ == "__main__":
    sys.exit(main())
