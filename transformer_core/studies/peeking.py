"""What a model learns that is trained without the causal mask: two small models, one behind the mask and one without.

The words are drawn at random, each independent of the others, so that nothing predicts the next one: with V words the
loss of an honest model is ln V at best. Whoever gets below has seen the answer.

Letters: B batch, T position, V words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from transformer_core.glass.guards.threads import few_threads
from transformer_core.glass.hooks import Listener, listening
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import all_sites
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

N_WORDS, LENGTH, BATCH = 8, 12, 64
CHANCE_LOSS = math.log(N_WORDS)
_FIRST_WORD = 3  # behind <pad>, <s>, </s>


@dataclass(frozen=True)
class Peek:
    """How the two models stand after some steps; losses in nats, of words that they have not seen in training.

    Attributes:
        step: how many steps they have been trained.
        behind_mask: the loss of the model that is trained behind the mask.
        without_mask: the loss of the other, which sees the words that it is to predict.
        alone: the loss of that other where the future is not there, as when it writes: behind the mask.
    """

    step: int
    behind_mask: float
    without_mask: float
    alone: float


def train_to_peek(n_steps: int = 240, every: int = 20, seed: int = 0) -> Iterator[Peek]:
    """Yield how a model trained behind the causal mask and one trained without it stand, before and while they learn.

    Args:
        n_steps: of Adam, on fresh random words each.
        every: steps between two answers.
        seed: of the weights and of the words.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        models = [Transformer(_config()).eval() for _ in range(2)]  # in eval mode every mask passes its hook point
    models[1].load_state_dict(models[0].state_dict())  # both begin with the same weights
    edits: tuple[Listener | None, ...] = (None, seeing_everything(models[1].plan))
    optimizers = [torch.optim.Adam(model.parameters(), lr=3e-3) for model in models]
    test = _words(generator)
    for step in range(n_steps + 1):
        if step % every == 0:
            with torch.no_grad(), few_threads(models[0].config.d_model):
                losses = [_loss(model, test, edit) for model, edit in zip(models, edits, strict=True)]
                alone = _loss(models[1], test, None)
            yield Peek(step, *(float(x) for x in (*losses, alone)))
        words = _words(generator)
        with few_threads(models[0].config.d_model):
            for model, edit, optimizer in zip(models, edits, optimizers, strict=True):
                optimizer.zero_grad()
                torch.autograd.backward(_loss(model, words, edit))
                optimizer.step()


def seeing_everything(plan: Plan) -> Listener:
    """Return a listener that opens every mask."""
    masks = {site.key for site in all_sites(plan) if site.kind == "mask"}
    return lambda key, x: torch.ones_like(x) if key in masks else x


def _config() -> TransformerConfig:
    return TransformerConfig(
        architecture="decoder-only",
        d_model=32,
        n_decoder_layers=1,
        target_vocab_size=_FIRST_WORD + N_WORDS,
        max_length=LENGTH,
        attention=AttentionConfig(2, dropout=0.0),
        feed_forward=FeedForwardConfig(64),
        dropout=0.0,
    )


def _words(generator: torch.Generator) -> Tensor:
    return torch.randint(_FIRST_WORD, _FIRST_WORD + N_WORDS, (BATCH, LENGTH), generator=generator)


def _loss(model: Transformer, words: Tensor, edit: Listener | None) -> Tensor:
    """The loss of words that have one behind them: what is behind the last one is in no input."""
    bos = torch.full((len(words), 1), model.config.bos_id)
    read = torch.cat((bos, words[:, :-1]), dim=1)
    if edit is None:
        logits = model(None, read)
    else:
        with listening(edit):
            logits = model(None, read)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), words[:, :-1].flatten())
