"""Word2Vec with negative sampling (Mikolov, Sutskever, Chen, Corrado & Dean 2013): two vectors for each word.

v_w speaks for a word that is read, v'_w for one that stands near it; sigma(v'_u . v_w) is how sure the model is that
u and w were seen beside each other in a text and not drawn as noise. Skip-gram reads one word; the continuous bag of
words (CBOW) the mean of all words around a place. In the code v is `embed.W_E` and v' is `head.W`, as everywhere here.

Letters: B batch, L position, K position of a neighbour, D width of a vector, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.ancestors.base import STACK, WORDS, Ancestor, AncestorConfig, State
from transformer_core.ancestors.parts import Table, table_block, word_table
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import pointwise
from transformer_core.glass.formula.starts import Neighbours
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.hooks import HookPoint
from transformer_core.glass.model import Head
from transformer_core.glass.plan import Block, Plan, Value, Weight
from transformer_core.text.word_tokenizer import WordTokenizer
from transformer_core.transformer.records import check_at_least

NOISE_POWER = 0.75  # section 2.2 of the paper


@dataclass(frozen=True, kw_only=True)
class Word2VecConfig(AncestorConfig):
    """The shape of a pair of tables.

    Attributes:
        d_model: width of a vector.
        window: how many words on either side count as near.
    """

    family = "word2vec"
    d_model: int
    window: int = 5

    def __post_init__(self) -> None:
        super().__post_init__()
        check_at_least(self, "", d_model=1, window=1)


@dataclass(frozen=True, kw_only=True)
class CBOWConfig(Word2VecConfig):
    """The same for a continuous bag of words."""

    family = "word2vec-cbow"


class Bag(nn.Module):
    """The mean of the vectors around each place, without that of the place itself."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window
        self.weights = HookPoint()  # [1, L, K]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, x: Tensor) -> Tensor:
        """Return the means: [B, L, D] -> [B, L, D]."""
        places = torch.arange(x.shape[1], device=x.device)
        far = (places[:, None] - places).abs()
        near = ((far > 0) & (far <= self.window)).to(x)
        weights = self.weights((near / near.sum(-1, keepdim=True).clamp(min=1))[None])
        mean: Tensor = self.out(weights @ x)
        return mean


class Near(Head):
    """How sure the model is of each word that it stands near."""

    def __init__(self, vocab_size: int, width: int) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.zeros(vocab_size, width))  # [V, D]
        self.b = None
        self.scores = HookPoint()  # [B, L, V]

    def forward(self, x: Tensor) -> Tensor:
        """Return v'_u . x for every word u: [B, L, D] -> [B, L, V]."""
        assert self.W is not None
        scores: Tensor = self.scores(F.linear(x, self.W))
        return scores

    def transformed(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


class Word2Vec(Ancestor):
    """Two tables of vectors: skip-gram, or a continuous bag of words."""

    config: Word2VecConfig

    def __init__(self, config: Word2VecConfig) -> None:
        super().__init__(config, word2vec_plan(config))
        self.embed = Table(word_table(config.vocab_size, config.d_model))
        if not self.embed.W_E.is_meta:  # as word2vec begins: small vectors, and zeros in the other table
            nn.init.uniform_(self.embed.W_E, -0.5 / config.d_model, 0.5 / config.d_model)
        self.bag = Bag(config.window) if isinstance(config, CBOWConfig) else None
        self.head = Near(config.vocab_size, config.d_model)
        self._finish()

    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Return at each position the vector that speaks for it, [B, L, D]; there is no state."""
        x = self.embed(ids)
        return (x if self.bag is None else self.bag(x)), ()


@lru_cache(maxsize=16)
def word2vec_plan(config: Word2VecConfig) -> Plan:
    """Return the description of a pair of tables."""
    bag = isinstance(config, CBOWConfig)
    blocks = [table_block("embed", "v_{t_i,d}")]
    if bag:
        near = Neighbours(
            kind="near",
            latex=r"a_{i,j} = \frac{[\,0 < |i - j| \le c\,]}{n_i}",
            counted="embed.tokens",
            radius=config.window,
        )
        a, v = Factor("a_{i,j}", ".weights", "l K"), Factor("x_{j,d}", "embed.out", "K d")
        mean = contraction("bag", r"\bar{x}_{i,d}", "ld", a, v, over="j")
        values = Value("weights", "QK", "weights", near), Value("out", "LD", "signed", mean)
        blocks.append(Block("bag", "stream", values, (), None, STACK, 0, "bag", WORDS))
    letter = r"\bar{x}" if bag else "x"
    x, W = Factor(f"{letter}_{{i,d}}", "bag.out" if bag else "embed.out", "l D"), Factor("v'_{u,d}", ".W", "u D")
    scores = contraction("near_scores", "s_{i,u}", "lu", x, W, over="d")
    sure = pointwise("near_probs", operations.SIGMOID, r"p_{i,u} = \sigma(s_{i,u})", ("s_{i,u}", ".scores"))
    said = Value("scores", "LV", "logits", scores), Value("probs", "LV", "weights", sure, derived=True)
    blocks.append(Block("head", "near", said, (Weight("W", "VD"),), None, STACK, None, "near", WORDS))
    lists = (config.word_list(WORDS, STACK, "embed.tokens", config.vocab_size, written=False),)
    return Plan(config.family, (("D", config.d_model),), lists, tuple(blocks))


@dataclass(frozen=True, eq=False)
class Pull:
    """What pairs of words ask of the tables: gradients of their loss, a row may stand more than once.

    Attributes:
        loss: [], summed over the pairs.
        v_rows, v_grads: rows of v and their gradients, [M] and [M, D].
        u_rows, u_grads: the same of v'.
    """

    loss: Tensor
    v_rows: Tensor
    v_grads: Tensor
    u_rows: Tensor
    u_grads: Tensor


def pull_and_push(v: Tensor, u: Tensor, read: Tensor, near: Tensor, noise: Tensor, *, weight: float = 1.0) -> Pull:
    """Return the gradients that pull each word that is read and its neighbour together and push it and noise apart.

    The loss is -log sigma(v'_o . h) - weight * sum_n log sigma(-v'_n . h), equation 4 of the paper, summed over the
    pairs; h is the vector of the one word read, or the mean of several.

    Args:
        v, u: the tables v and v', [V, D].
        read: ids [N] of skip-gram, or [N, C] of CBOW, where -1 is no word.
        near: ids [N], each a neighbour.
        noise: ids [K] that are pushed away from every pair, or [N, K] with some for each.
        weight: of each noise word; below 1 where more are drawn than are meant.
    """
    there = (read >= 0).to(v) if read.dim() == 2 else None  # [N, C]
    words = read.clamp(min=0)
    h = v[words] if there is None else (v[words] * there[..., None]).sum(1) / there.sum(1, keepdim=True)
    own, pushed = u[near], u[noise]
    pull = (own * h).sum(-1)  # [N]
    push = h @ pushed.T if noise.dim() == 1 else torch.einsum("nd,nkd->nk", h, pushed)  # [N, K]
    loss = F.softplus(-pull).sum() + weight * F.softplus(push).sum()
    g_pull, g_push = torch.sigmoid(pull) - 1, weight * torch.sigmoid(push)
    if noise.dim() == 1:
        d_h, d_noise = g_push @ pushed, g_push.T @ h
    else:
        d_h, d_noise = torch.einsum("nk,nkd->nd", g_push, pushed), g_push[..., None] * h[:, None]
    d_h += g_pull[:, None] * own
    width = v.shape[1]
    if there is not None:
        d_h = (d_h[:, None] * (there / there.sum(1, keepdim=True))[..., None]).reshape(-1, width)
    u_grads = torch.cat((g_pull[:, None] * h, d_noise.reshape(-1, width)))
    return Pull(loss, words.flatten(), d_h, torch.cat((near, noise.flatten())), u_grads)


def noise_shares(tokenizer: WordTokenizer) -> Tensor:
    """Return how likely each word is to be drawn as noise: its count to the power of 3/4 (section 2.2), [V]."""
    counts = torch.tensor([0] * tokenizer.first_piece + list(tokenizer.counts), dtype=torch.float64)
    shares: Tensor = counts**NOISE_POWER / (counts**NOISE_POWER).sum()
    return shares


def descend(v: Tensor, u: Tensor, pull: Pull, rate: float) -> None:
    """Take the step of word2vec: each row goes against its gradients, times the learning rate."""
    v.index_add_(0, pull.v_rows, pull.v_grads, alpha=-rate)
    u.index_add_(0, pull.u_rows, pull.u_grads, alpha=-rate)
