"""From a training's folder to a bundled model's: config, tokenizers, float16 weights, and the card with its figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

import torch

from transformer_core.ancestors.growth import read_growth
from transformer_core.ancestors.two_way.model import TwoWay
from transformer_core.decoding.rules import Sampling
from transformer_core.glass.errors import CheckpointError, DataError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.glass.files.stored import WEIGHTS
from transformer_core.models.files import SOURCE_TOKENIZER, TARGET_TOKENIZER, load_model, save_model
from transformer_core.models.glass import Glass
from transformer_core.studies.road.near_words import told_neighbours
from transformer_core.studies.road.word_uses import nearest_uses, read_uses
from transformer_core.text.base import MASK, TextTokenizer
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.recipe import COUNTED, PULLED, Recipe
from transformer_core.training.report import told
from transformer_core.training.road.make import MADE, vector_scores
from transformer_core.training.road.vectors import SHARED_NOISE
from transformer_core.training.steps import checkpoint
from transformer_core.training.steps.trainer import new_model
from transformer_core.training.tasks import Score, Tokenizers, scorer, tokenizers_of

TEMPERATURE, TOP_K, PIECES, GUESSES = 0.7, 40, 65, 5  # 65 pieces are about fifty words


def export(run: Path, folder: Path, *, tokenizer_of: str = "") -> None:
    """Write the averaged weights of a training's last checkpoint as a model that `load_model` reads.

    Args:
        run: the folder of the training; or of counts or word vectors, which are there as a whole.
        folder: of the model.
        tokenizer_of: a bundled model whose tokenizer it shares; only one that has the same.

    Raises:
        CheckpointError: if `run` holds no whole checkpoint, or the tokenizers differ.
    """
    if (run / MADE).exists():
        glass = load_model(run / "model")
        _check_shared(glass.target_tokenizer, tokenizer_of)
        save_model(folder, glass.model, None, glass.target_tokenizer, tokenizer_of=tokenizer_of)
        growth = read_growth(run / "model")
        if growth is not None:
            growth.save(folder)
        return
    tensors, facts = checkpoint.read(run / checkpoint.FILE)
    recipe = Recipe.from_dict(facts["recipe"])
    tokenizers = _tokenizers(run)
    sizes = [0 if one is None else one.vocab_size for one in tokenizers]
    _check_shared(tokenizers[0] or tokenizers[1], tokenizer_of)
    model = new_model(recipe.config(*sizes))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            average = tensors.get(f"average.{name}")
            if average is None or average.shape != parameter.shape:
                raise CheckpointError(f"{run} has no averaged {name} of shape {tuple(parameter.shape)}", name=name)
            parameter.copy_(average)
    save_model(folder, model, *tokenizers, tokenizer_of=tokenizer_of)


def _check_shared(tokenizer: TextTokenizer | None, name: str) -> None:
    if name and (tokenizer is None or _told(tokenizer) != _told(load_model(name).target_tokenizer)):
        raise CheckpointError(f"the tokenizer is not that of {name}", path=name)


def _told(tokenizer: TextTokenizer | None) -> tuple[str, ...]:
    return () if tokenizer is None else tokenizer.pieces(range(tokenizer.vocab_size))


def write_card(template: Path, run: Path, folder: Path, dev: Path, examples: Path | None) -> None:
    """Fill a card's placeholders with what the training and the bundled file say, and write it beside the weights.

    $parameters, $megabytes, $shape, $scores on the held-out file, $recipe and $curve (tables), $examples (a table of
    what the model makes of each line, see `show_examples`), $senses (whether near uses of a word are meant
    alike), $neighbours (a table: whether the nearest word is of the same kind), $name of the folder.

    Raises:
        DataError: if the template has another placeholder.
    """
    glass, facts = load_model(folder), _facts(run)
    recipe = Recipe.from_dict(facts["recipe"])
    score = _scorer(recipe, glass, dev)
    values = {
        "parameters": f"{sum(p.numel() for p in glass.model.parameters()):,}",
        "megabytes": f"{(folder / WEIGHTS).stat().st_size / 1e6:.1f} MB",
        "shape": _shape(recipe),
        "scores": told(score(glass.model)),
        "recipe": _recipe(recipe, facts["position"]),
        "curve": _curve(run),
        "examples": "" if examples is None else show_examples(glass, examples),
        "senses": _senses(glass),
        "neighbours": told_neighbours(glass),
        "name": folder.name,
    }
    try:
        text = Template(template.read_text(encoding="utf-8")).substitute(values)
    except (KeyError, ValueError) as error:
        known = ", ".join(f"${name}" for name in values)
        raise DataError(f"{template} has a placeholder that is none of {known}: {error}", path=str(template)) from error
    (folder / "card.md").write_text(text, encoding="utf-8")


def _senses(glass: Glass) -> str:
    """How often the nearest labelled use of a word has the same sense, for a model of two chains; "" for any other."""
    if not isinstance(glass.model, TwoWay) or glass.source_tokenizer is None:
        return ""
    found = nearest_uses(glass, read_uses(ASSETS / "road" / f"uses.{glass.source_tokenizer.language}.tsv"))
    shares = [f"{100 * share:.0f} %" for share in found.right.mean(axis=0)[1:]]
    layers = ", ".join(f"layer {n} {share}" for n, share in enumerate(shares[:-1]))
    return f"{layers}, equal shares of all {shares[-1]}; by chance {100 * found.chance:.0f} %"


def _facts(run: Path) -> Mapping[str, Any]:
    if not (run / MADE).exists():
        return checkpoint.read(run / checkpoint.FILE)[1]
    recipe, made = (json.loads((run / name).read_text(encoding="utf-8")) for name in ("recipe.json", MADE))
    return {"recipe": recipe, "position": made}


def _scorer(recipe: Recipe, glass: Glass, dev: Path) -> Score:
    if recipe.family in PULLED:
        return lambda model: vector_scores(model, glass.target_tokenizer, dev)
    return scorer(recipe, tokenizers_of(glass), dev)


def show_examples(glass: Glass, path: Path) -> str:
    """A table of what a model of one stack makes of each line of a file.

    A model that goes on with texts draws about fifty words at temperature 0.7 out of the 40 most probable, the line's
    number being the seed; one that fills in words gives its five guesses for a [MASK], and behind a tab the file says
    which word its author had in mind.
    """
    lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
    if glass.config.has_encoder:
        head = ["| | sentence | guesses | in mind |", "|---|---|---|---|"]
        rows = [_guesses(glass, *line.split("\t")) for line in lines]
    else:
        head, rows = ["| | beginning | the model goes on |", "|---|---|---|"], []
        for seed, line in enumerate(lines, start=1):
            rows.append(f"{line} | {_continuation(glass, line, seed)} |")
    return "\n".join([*head, *(f"| {number} | {row}" for number, row in enumerate(rows, start=1))])


def _continuation(glass: Glass, text: str, seed: int) -> str:
    assert glass.target_tokenizer is not None
    n_given = len(glass.target_ids(text)) - 1
    limit = min(glass.config.max_length, n_given + PIECES)
    rule = Sampling(temperature=TEMPERATURE, top_k=TOP_K, seed=seed)
    written = glass.decode(text, rule, max_length=limit)
    return glass.target_tokenizer.decode(written.ids[n_given:]) + (" ..." if written.stopped == "limit" else "")


@torch.no_grad()
def _guesses(glass: Glass, text: str, in_mind: str = "") -> str:
    tokenizer = glass.source_tokenizer
    assert tokenizer is not None
    ids = [*tokenizer.encode(text, masks=True), glass.config.eos_id]
    probs = glass.model(torch.tensor([ids]))[0, ids.index(int(tokenizer.mask_id or 0))].softmax(0)
    best = probs.topk(GUESSES)
    words = tokenizer.pieces(best.indices.tolist())
    guesses = ", ".join(f"“{word}” {p:.2f}" for word, p in zip(words, best.values.tolist(), strict=True))
    return f"{text.replace(MASK, '**[MASK]**')} | {guesses} | {in_mind} |"


def _tokenizers(run: Path) -> Tokenizers:
    source, target = (
        Tokenizer.load(run / name) if (run / name).exists() else None for name in (SOURCE_TOKENIZER, TARGET_TOKENIZER)
    )
    return source, target


def _shape(recipe: Recipe) -> str:
    if recipe.family in COUNTED:
        return f"orders from 1 to {recipe.order}, at most {recipe.max_length} tokens"
    if recipe.family in PULLED:
        return f"{recipe.d_model} numbers a vector, a window of {recipe.window} words on either side"
    if recipe.family == "nnlm":
        return f"a window of {recipe.window} tokens, {recipe.d_model} numbers a vector, {recipe.d_ff} hidden units"
    if recipe.task == "pairs" and recipe.family != "transformer":
        told = "the state before each word asks" if recipe.family == "seq2seq-attention" else "the last state is all"
        return f"two GRU cells, {recipe.d_model} numbers a vector and a state; {told}"
    if recipe.task == "two-way":
        chains = f"two chains of {recipe.n_encoder_layers} LSTM cells"
        return f"{chains}, {recipe.d_model} numbers a vector and a state; one table of words"
    if recipe.family != "transformer":
        return f"one {recipe.family.upper()} cell, {recipe.d_model} numbers a vector; embedding and output tied"
    layers = " + ".join(str(n) for n in (recipe.n_encoder_layers, recipe.n_decoder_layers) if n)
    return (
        f"{layers} layers, {recipe.n_heads} heads, d_model {recipe.d_model}, d_ff {recipe.d_ff}, {recipe.activation}, "
        f"{recipe.norm_position}-norm, at most {recipe.max_length} tokens"
    )


def _recipe(recipe: Recipe, position: Mapping[str, Any]) -> str:
    minutes = position["seconds"] / 60
    if recipe.family in (*COUNTED, *PULLED):
        return _made(recipe, minutes)
    adam = f"Adam {recipe.betas}, peak rate {recipe.peak_rate:g}"
    muon = f"Muon for the layers' matrices, peak rate {recipe.matrix_rate:g}; for the rest "
    rows = {
        "optimizer": (muon if recipe.optimizer == "muon" else "") + adam,
        "schedule": f"{recipe.warmup_steps:,} steps of warm-up, {recipe.schedule}, clip {recipe.clip:g}",
        "dropout": f"{recipe.dropout:g}, on attention weights {recipe.attention_dropout:g}",
        "batches": f"{recipe.batch_tokens:,} tokens; label smoothing {recipe.smoothing:g}",
        "weights": f"averaged with {recipe.average_decay:g}",
        "seed": f"{recipe.seed}",
        "time": f"{position['step']:,} steps, {position['words']:,} tokens told, {minutes:.0f} minutes",
    }
    if recipe.start_from:
        rows["goes on from"] = f"the weights of {Path(recipe.start_from).name}, with its tokenizers"
    if recipe.task == "masked-word":
        rows["hidden"] = f"{100 * recipe.mask_share:.0f} % of the words: 8 in 10 [MASK], 1 left, 1 changed"
    return "\n".join(["| what | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _made(recipe: Recipe, minutes: float) -> str:
    rows = {"time": f"{minutes:.1f} minutes"}
    if recipe.family in PULLED:
        rows = {
            "optimizer": f"Adagrad, rate {recipe.peak_rate:g}, falling to 0",
            "pairs": f"{recipe.batch_tokens} together, {recipe.negatives} noise words for each out of "
            f"{SHARED_NOISE} that they share",
            "frequent words": f"left out the more often, the further above a share of {recipe.subsample:g}",
            "passes": f"{recipe.epochs}",
            "seed": f"{recipe.seed}",
        } | rows
    return "\n".join(["| what | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows.items())])


def _curve(run: Path) -> str:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    scored: Sequence[dict[str, Any]] = [line for line in lines if line["kind"] == "dev"]
    rows = []
    for line in scored:
        scores = {key: line[key] for key in line if key not in ("kind", "step", "epoch", "words", "seconds")}
        rows.append(f"| {line['step']:,} | {line['seconds'] / 60:.0f} | {told(scores)} |")
    return "\n".join(["| step | minutes | dev |", "|---|---|---|", *rows])
