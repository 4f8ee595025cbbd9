"""What the training's command line takes: the commands, their options, and the words of their help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

TRAIN = """\
Train a model and write it to OUT/model, ready for `load_model`. Five tasks:

  pairs        an encoder-decoder translates, or copies. A file of pairs has one a line, "source TAB target", or is a
               raw manythings.org export ("English TAB other TAB attribution").
  next-word    a decoder goes on with a text. A text file, .gz or not, has one document a line; in a file of books a
               title line begins with "# " and each other line is a paragraph.
  masked-word  an encoder fills in hidden words; the same files.
  two-way      two chains tell each word, one from the left and one from the right; the same files.
  vectors      each word gets a vector (Word2Vec); the same files, and --dev has analogies.

FILE=WEIGHT: pairs are read that many times a pass; texts get that share of what is drawn, beside the other weights.
OUT also gets checkpoint.safetensors, from which --resume goes on, recipe.json, and metrics.jsonl, the history of loss
and dev scores: BLEU and chrF, or bits a character, or how many hidden words, or whole copies, are right.
"""
TRAIN_END = """\
examples:
  python -m transformer_core.training train --preset zh-en --data train.tsv --dev dev.tsv --out runs/zh-en --minutes 60
  python -m transformer_core.training train --preset zh-en --data train.tsv --out runs/twin --steps 9000 \\
      --norm-position pre
  python -m transformer_core.training train --task next-word --data stories.txt=3 books.txt.gz --dev unseen.txt \\
      --out runs/stories
  torchrun --nproc-per-node 2 -m transformer_core.training train --preset en-fr --data train.tsv --out runs/en-fr \\
      --epochs 20

The same seed, budget in --steps or --epochs, machine and number of threads give the same weights. With --minutes the
learning rate follows the clock and reaches 0 when the time is up, however busy the machine is; two such runs differ.
Ctrl-C (or SIGTERM) saves and ends; --resume then goes on to the same losses. Under torchrun each process reads
--batch-tokens tokens a step, so that a step sees that many times as much.
"""
COMPARE = """\
Train the same tiny model twice on one core, to write symbols in reverse order: with teacher forcing and on its own
words. The two take turns; one JSON object a line tells of the setting and then of each look at held-out items.
"""
RECALL = """\
Let three recurrent cells and one layer of attention of the same size learn to say which symbol came first, over longer
and longer distances, on one core. They take turns; one JSON object a line tells of the setting and then of each look.
"""
PRESETS = """\
the numbers: zh-en, en-fr, en-zh, stories-en, words-en, or of what came before the Transformer ngram-en, nnlm-en,
rnn-en, gru-en, lstm-en, word2vec-en, word2vec-cbow-en, word2vec-everyday-en, bilm-en, bilm-zh, seq2seq-zh-en,
seq2seq-attention-zh-en, copy-32, copy-attention-32, copy-128, copy-attention-128"""
# The preset of each task.
TASKS = {
    "pairs": None,
    "next-word": "stories-en",
    "masked-word": "words-en",
    "two-way": "bilm-en",
    "vectors": "word2vec-en",
}
COMPARED = {
    "steps": "updates of each training",
    "batch": "items of an update",
    "evaluate_every": "updates between two looks at held-out items",
    "held_out": "how many of those there are",
    "seed": "of the first weights and of the items",
}
RECALLED = {
    "seconds": "of CPU time for each learner at each distance",
    "batch": COMPARED["batch"],
    "evaluate_every": COMPARED["evaluate_every"],
    "held_out": COMPARED["held_out"],
    "seed": COMPARED["seed"],
}
CHANGES: dict[str, tuple[type, str]] = {
    "steps": (int, "budget: so many updates"),
    "epochs": (int, "budget: so many passes over the pairs"),
    "minutes": (float, "budget: so much wall time, evaluations included (default: 60)"),
    "seed": (int, "of everything that is drawn"),
    "d_model": (int, "width of the model"),
    "n_heads": (int, "heads of each attention block"),
    "d_ff": (int, "width of the feed-forward network"),
    "n_encoder_layers": (int, "layers of the encoder"),
    "n_decoder_layers": (int, "layers of the decoder"),
    "window": (int, "words that a model of windows reads, or that count as near"),
    "order": (int, "words of the longest n-grams"),
    "negatives": (int, "noise words for each pair"),
    "subsample": (float, "share above which a frequent word is often left out"),
    "max_length": (int, "most tokens, with </s>: longer pairs are left out, longer texts cut"),
    "source_vocab_size": (int, "pieces of the source language, unless that is Chinese"),
    "target_vocab_size": (int, "pieces of the target language, unless that is Chinese"),
    "dropout": (float, "rate after the embeddings and on each sub-layer's output"),
    "attention_dropout": (float, "rate on the attention weights"),
    "batch_tokens": (int, "padded tokens of a batch"),
    "mask_share": (float, "of the words, how many a masked-word model has to tell"),
    "peak_rate": (float, "the highest learning rate, of Adam"),
    "matrix_rate": (float, "the highest learning rate of Muon"),
    "warmup_steps": (int, "updates until it is reached"),
    "smoothing": (float, "label smoothing"),
    "guidance": (float, "of the attention by word alignments found in the pairs: its share of the loss"),
    "clip": (float, "largest norm of the gradient"),
    "average_decay": (float, "of the averaged weights, which are the ones kept"),
}


def make_parser(description: str | None) -> argparse.ArgumentParser:
    """The parser of all commands; what it parses says which `command` it is."""
    parser = argparse.ArgumentParser(prog="python -m transformer_core.training", description=description)
    commands = parser.add_subparsers(required=True, dest="command", metavar="COMMAND")
    _add_train(commands)
    score = commands.add_parser(
        "evaluate",
        help="print a model's scores on held-out data: BLEU and chrF, or those of its task",
        description="Print what a translator reaches in BLEU and chrF (sacrebleu's defaults, greedy), a model that "
        "goes on with texts in bits a character, and a masked-word model in single hidden words that it fills in.",
    )
    score.add_argument("--model", required=True, metavar="NAME|FOLDER", help="a bundled model or a model's folder")
    score.add_argument("--data", required=True, type=Path, metavar="FILE", help="pairs or a text file")
    score.add_argument("--show", type=int, default=0, metavar="N", help="also print the first N translations")
    score.add_argument("--threads", type=int, default=1, help="CPU threads (default: %(default)s)")
    _add_export(commands)
    _add_tokenizer(commands)
    _add_compare(commands, "compare-forcing", "train a tiny model with and without teacher forcing", COMPARE, COMPARED)
    _add_compare(commands, "compare-recall", "let cells and attention learn to remember a symbol", RECALL, RECALLED)
    return parser


def _add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train a model",
        description=TRAIN,
        epilog=TRAIN_END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    train.add_argument("--task", choices=tuple(TASKS), help="default: the preset's, or pairs")
    train.add_argument("--preset", metavar="NAME", help=PRESETS)
    train.add_argument("--data", required=True, nargs="+", metavar="FILE[=WEIGHT]", help="what to learn from")
    train.add_argument("--dev", type=Path, metavar="FILE", help="what to score, never learned from")
    train.add_argument("--tokenizer", type=Path, metavar="FILE", help="a ready one, for texts (default: learn it)")
    train.add_argument(
        "--start-from",
        metavar="NAME|FOLDER",
        help="a model of the recipe's shape whose weights and tokenizers to go on with",
    )
    train.add_argument(
        "--watch", type=Path, metavar="FILE", help="words whose vectors are kept on the way, for vectors"
    )
    train.add_argument("--out", required=True, type=Path, metavar="OUT", help="folder for everything that is written")
    train.add_argument("--resume", action="store_true", help="go on from OUT's checkpoint, if there is one")
    habits = train.add_argument_group("habits")
    habits.add_argument("--evaluate-every", type=int, default=1000, metavar="N", help="updates (default: %(default)s)")
    habits.add_argument("--save-every", type=int, default=500, metavar="N", help="updates (default: %(default)s)")
    habits.add_argument("--threads", type=int, default=1, help="CPU threads a process (default: %(default)s)")
    habits.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: CUDA if there")
    habits.add_argument(
        "--precision",
        choices=("auto", "float32", "bfloat16"),
        default="auto",
        help="of the matrix products (default: bfloat16 where the processor has instructions for it)",
    )
    changes = train.add_argument_group("changes to the preset")
    changes.add_argument("--norm-position", choices=("post", "pre"), help="pre gives the twin with LayerNorm first")
    changes.add_argument("--schedule", choices=("cosine", "inverse-sqrt"), help="of the learning rate")
    tied = "one set of pieces and one embedding for both languages"
    changes.add_argument("--tie-embeddings", action="store_true", default=None, help=tied)
    changes.add_argument("--optimizer", choices=("adam", "muon"), help="muon: for the layers' matrices beside Adam")
    for name, (kind, meaning) in CHANGES.items():
        changes.add_argument(f"--{name.replace('_', '-')}", type=kind, metavar="N", help=meaning)


def _add_export(commands: Any) -> None:
    bundle = commands.add_parser(
        "export",
        help="write a training's averaged weights as a model, with its card",
        description="Write config, tokenizers and float16 weights of OUT's last checkpoint, finished or not. With "
        "--card, Markdown with placeholders ($parameters, $megabytes, $shape, $scores, $recipe, $curve, $examples, "
        "$senses and $name), card.md as well, with this training's figures.",
    )
    bundle.add_argument("--run", required=True, type=Path, metavar="OUT", help="the folder of the training")
    bundle.add_argument("--to", required=True, type=Path, metavar="FOLDER", help="the model's folder")
    bundle.add_argument("--card", type=Path, metavar="FILE", help="the card with placeholders; needs --dev")
    bundle.add_argument("--tokenizer-of", default="", metavar="NAME", help="a bundled model whose tokenizer it shares")
    bundle.add_argument("--dev", type=Path, metavar="FILE", help="held-out data for the card's score")
    bundle.add_argument("--examples", type=Path, metavar="FILE", help="beginnings of texts, or sentences with [MASK]")


def _add_tokenizer(commands: Any) -> None:
    learn = commands.add_parser(
        "tokenizer",
        help="learn a tokenizer with [MASK] from texts, for several models",
        description="Learn byte-pair pieces and write them to a file; FILE=0.2 reads every fifth document.",
    )
    learn.add_argument("--data", required=True, nargs="+", metavar="FILE[=TIMES]", help="text files, as for train")
    learn.add_argument("--language", choices=("en", "fr"), default="en", help="default: %(default)s")
    learn.add_argument("--vocab-size", type=int, default=5500, metavar="N", help="most pieces (default: %(default)s)")
    learn.add_argument("--out", required=True, type=Path, metavar="FILE", help="the tokenizer")


def _add_compare(commands: Any, name: str, what: str, description: str, numbers: dict[str, str]) -> None:
    compare = commands.add_parser(name, help=f"{what}, and print how they get on", description=description)
    for field, meaning in numbers.items():
        compare.add_argument(f"--{field.replace('_', '-')}", type=int, metavar="N", help=meaning)
    compare.add_argument("--out", type=Path, metavar="FILE", help="write there instead of printing")
    compare.add_argument("--limit", type=float, metavar="SECONDS", help="end after so much time, whatever is reached")
    compare.add_argument("--nice", type=int, default=0, metavar="N", help="let other processes go first, 0 to 19")
    compare.add_argument(
        "--end-with-input", action="store_true", help="end when standard input closes, as when its writer has died"
    )
