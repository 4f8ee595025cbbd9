"""The two commands put together: from files to a trained model's folder, and from a model to its scores."""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.models.files import SOURCE_TOKENIZER, TARGET_TOKENIZER, load_model, save_model
from transformer_core.training.data.pairs import read_pairs
from transformer_core.training.data.texts import DataFile, read_documents
from transformer_core.training.evaluate import evaluate
from transformer_core.training.loop import Habits, Loop, stop_on_signals
from transformer_core.training.presets import make_recipe
from transformer_core.training.recipe import COUNTED, PULLED, Recipe, Task
from transformer_core.training.report import Report, told
from transformer_core.training.score_texts import masked_word_scores, next_word_scores, two_way_scores
from transformer_core.training.steps import checkpoint
from transformer_core.training.steps.distributed import Group
from transformer_core.training.steps.trainer import Trainer
from transformer_core.training.tasks import Material, prepare, scorer, text_tokenizer, tokenizers_of

MINUTES = 60.0


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the command line asked for; names as there.

    Attributes:
        changes: fields of the preset's recipe to change.
    """

    preset: str
    data: Sequence[DataFile]
    out: Path
    task: Task | None = None
    dev: Path | None = None
    tokenizer: Path | None = None
    watch: Path | None = None
    resume: bool = False
    evaluate_every: int = 1000
    save_every: int = 500
    threads: int = 1
    device: str = "auto"
    precision: str = "auto"
    changes: dict[str, Any] = field(default_factory=dict)


def train(request: Request) -> int:
    """Train as asked; return 0, or 128 + the signal that stopped it."""
    torch.set_num_threads(request.threads)
    torch.set_flush_denormal(True)  # Adam's averages fade into denormal numbers, which are slow
    _keep_freed_memory()
    group = Group.join(request.device)
    try:
        return _train(request, group)
    finally:
        group.leave()
        torch.set_flush_denormal(False)  # it holds for the whole process, and a caller may go on


def _train(request: Request, group: Group) -> int:
    path = request.out / checkpoint.FILE
    resumed = request.resume and path.exists()
    if path.exists() and not resumed:
        raise CheckpointError(f"{path} is there already: go on with --resume, or choose another --out", path=str(path))
    recipe = _recipe(request, path if resumed else None)
    if recipe.family in (*COUNTED, *PULLED):
        from transformer_core.training.road.make import make

        counts = recipe.family in COUNTED  # word vectors find their own words
        tokenizer = text_tokenizer(recipe, request.data, request.tokenizer) if counts else None
        make(recipe, request.data, tokenizer, request.dev, request.out, request.watch)
        return 0
    began = load_model(recipe.start_from) if recipe.start_from else None
    ready = (None, None) if began is None else tokenizers_of(began)
    material = prepare(recipe, request.data, request.tokenizer, ready)
    trainer = Trainer(recipe, material.vocab_sizes, group, bf16=_uses_bf16(request.precision, group.device))
    if resumed:
        trainer.load(path, material.identity)
    elif began is not None:
        trainer.start_from(began.model)
    report = _report(request, trainer, material) if group.is_first else None
    score = None if request.dev is None else scorer(recipe, material.tokenizers, request.dev)
    evaluate = None if score is None else partial(score, trainer.average.model)
    loop = Loop(
        trainer,
        partial(material.batches.epoch, rank=group.rank, world=group.size),
        partial(material.batches.count, world=group.size),
        Habits(request.evaluate_every, request.save_every, evaluate),
        path,
        material.identity,
        report,
    )
    with stop_on_signals() as stop:
        finished = loop.run(stop)
    if report is not None:
        report.close()
        if finished:
            save_model(request.out / "model", trainer.average.model, *material.tokenizers)
        print(f"written: {request.out / 'model'}" if finished else "stopped and saved; go on with --resume")
    return 0 if finished else 128 + (stop.signal or signal.SIGTERM)


def _report(request: Request, trainer: Trainer, material: Material) -> Report:
    request.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(trainer.recipe.to_dict(), indent=2) + "\n"
    (request.out / "recipe.json").write_text(text, encoding="utf-8")
    for name, tokenizer in zip((SOURCE_TOKENIZER, TARGET_TOKENIZER), material.tokenizers, strict=True):
        if tokenizer is not None:
            tokenizer.save(request.out / name)
    report = Report(request.out / "metrics.jsonl", trainer.position.step)
    pieces = " and ".join(f"{size:,}" for size in material.vocab_sizes if size)
    report.say(
        f"{material.about}, {pieces} pieces, {sum(p.numel() for p in trainer.model.parameters()):,} parameters, "
        f"{trainer.group.size} x {trainer.group.device}, {'bfloat16' if trainer.bf16 else 'float32'}"
    )
    return report


def evaluate_file(model: str, data: Path, *, show: int = 0, threads: int = 1) -> None:
    """Print the scores of a bundled model, or of one in a folder, on a file of held-out data for its task.

    Raises:
        ConfigError: if translations are to be shown and the model is no translator.
    """
    torch.set_num_threads(threads)
    glass = load_model(model)
    if "vectors" in glass.abilities:
        from transformer_core.training.road.make import vector_scores

        print(f"analogies: {told(vector_scores(glass.model, glass.target_tokenizer, data))}")
        return
    source, target = tokenizers_of(glass)
    if source is not None and target is not None:
        pairs = read_pairs(data, source.language, target.language)
        scores = evaluate(glass.model, source, target, pairs)
        for (text, reference), written in list(zip(pairs, scores.translations, strict=True))[:show]:
            print(f"{text}\n  {written}\n  ({reference})")
        whole = f", whole sentences {scores.whole:.1f} %" if source.language == target.language else ""
        print(f"{len(pairs)} pairs: BLEU {scores.bleu:.1f}, chrF {scores.chrf:.1f}{whole}")
        return
    if show:
        raise ConfigError(f"{model} is {glass.config.architecture}: it has no translations to show", model=model)
    documents = read_documents(data)
    if target is not None:
        told_scores = next_word_scores(glass.model, target, documents)
    else:
        assert source is not None
        score = masked_word_scores if "fills" in glass.abilities else two_way_scores
        told_scores = score(glass.model, source, documents)
    print(f"{len(documents)} documents: {told(told_scores)}")


def _recipe(request: Request, saved: Path | None) -> Recipe:
    if saved is None:
        changes = dict(request.changes)
        recipe = make_recipe(request.preset, **changes)
        if (recipe.steps, recipe.epochs, recipe.minutes) == (None, None, None):
            recipe = replace(recipe, minutes=MINUTES)
        if request.task not in (None, recipe.task):
            raise ConfigError(
                f"the preset {recipe.name} is for the task {recipe.task}, not {request.task}", task=request.task
            )
        return recipe
    recipe = Recipe.from_dict(checkpoint.read(saved)[1]["recipe"])
    if recipe.name != request.preset:
        raise ConfigError(f"{saved} began with the preset {recipe.name}, not {request.preset}", preset=request.preset)
    changed = [name for name, value in request.changes.items() if getattr(recipe, name) != value]
    if changed:
        wanted = replace(recipe, **request.changes)
        differences = ", ".join(f"{n} {getattr(recipe, n)} -> {getattr(wanted, n)}" for n in changed)
        raise ConfigError(f"a resumed training keeps its recipe; these differ: {differences}", changed=changed)
    return recipe


def _keep_freed_memory() -> None:
    # glibc hands each large block back to the system when it is freed and fetches it, page by page, a moment later:
    # 5 % of a training step. These two settings (mallopt, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD) make it keep them.
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries lack it
        if mallopt is not None:
            mallopt(-3, 1 << 30)
            mallopt(-1, 1 << 30)


def _uses_bf16(precision: str, device: torch.device) -> bool:
    if precision != "auto":
        return precision == "bfloat16"
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    # Without these instructions bfloat16 products are emulated: measured 5 times slower than float32 (AVX-512).
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))
