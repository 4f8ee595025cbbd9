"""What an n-gram model says of itself: for each order its counts, and the probabilities that follow."""

from __future__ import annotations

from functools import lru_cache

from transformer_core.ancestors.base import STACK, WORDS
from transformer_core.ancestors.ngram_config import NgramConfig, Smoothing
from transformer_core.ancestors.parts import probs_value, tokens_value, window_value
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.counts import Count
from transformer_core.glass.formula.kinds import Argument, pointwise
from transformer_core.glass.formula.rows import Seen, row_sum
from transformer_core.glass.plan import Block, EmbeddingFacts, Kind, OutputFacts, Plan, Value, Weight

_DISCOUNTED = ("count", "total", "seen", "types", "rest")
VALUES: dict[Smoothing, tuple[str, ...]] = {
    "add_k": ("count", "total", "probs"),
    "interpolation": ("count", "total", "probs"),
    "back_off": (*_DISCOUNTED, "covered", "share", "probs"),
    "kneser_ney": (*_DISCOUNTED, "probs"),
}
_SHAPES: dict[str, tuple[str, Kind]] = {
    "count": ("LV", "variance"),
    "total": ("L1", "variance"),
    "seen": ("LV", "mask"),
    "types": ("L1", "variance"),
    "rest": ("L1", "weights"),
    "covered": ("L1", "weights"),
    "share": ("L1", "variance"),
    "probs": ("LV", "weights"),
}
_N, _C, _LOWER = "n(h_i)", r"c(h_i\,v)", r"p'_{i,v}"
_TYPES, _REST, _SHARE = r"n_{+}(h_i)", r"\lambda_i", r"\alpha_i"


@lru_cache(maxsize=64)
def ngram_plan(config: NgramConfig) -> Plan:
    """Return the description of an n-gram model of this shape."""
    width = max(1, config.order - 1)
    values = tokens_value(), window_value(width, config.bos_id)
    blocks = [Block("embed", "embedding", values, (), EmbeddingFacts(), STACK, None, "embedding", WORDS)]
    blocks += [_order(n, config) for n in range(1, config.order + 1)]
    log = pointwise("log_probs", operations.LOG, r"\ell_{i,v} = \ln p_{i,v}", ("p_{i,v}", f"order{config.order}.probs"))
    said = Value("logits", "LV", "logits", log), probs_value()
    blocks.append(Block("head", "output", said, (), OutputFacts(tied=False), name="output", words=WORDS))
    return Plan(config.family, (("N", width),), config.words("embed.tokens"), tuple(blocks))


def _order(n: int, config: NgramConfig) -> Block:
    """The block of one order; add-k reads its highest order alone, and of the others only the way to it."""
    names = VALUES[config.smoothing] if config.smoothing != "add_k" or n == config.order else ()
    formulas = _formulas(n, config)
    values = tuple(Value(name, *_SHAPES[name], formulas[name]) for name in names)
    there = [*(["ids"] if n > 1 else []), "counts", *(["continuations", "followers"] if n < config.order else [])]
    weights = tuple(Weight(name, "R") for name in there)
    return Block(f"order{n}", "table", values, weights, None, STACK, n - 1, "counts", WORDS)


def _formulas(n: int, config: NgramConfig) -> dict[str, Formula]:
    continued = config.smoothing == "kneser_ney" and n < config.order
    c = r"n_{+}(\cdot\,h_i\,v)" if continued else _C
    lower: Argument = (_LOWER, f"order{n - 1}.probs") if n > 1 else (r"\frac{1}{V}", 1 / config.vocab_size)
    d: Argument = ("D", config.discount(n))
    count, total, rest = (c, ".count"), (_N, ".total"), (_REST, ".rest")
    way = [name for k in range(2, n + 1) for name in (f"order{k - 1}.followers", f"order{k}.ids")]
    table = ".continuations" if continued else ".counts"
    found: dict[str, Formula] = {
        "count": Count(
            kind="continuations" if continued else "counts",
            latex=f"{c}, \\quad h_i = {_context(n)}",
            inputs=("embed.window", *way, table),
            order=n,
            n_words=config.vocab_size,
            symbol=c,
        ),
        "total": row_sum("count_total", _N, (c, ".count"), axis="V", over="v"),
        "seen": Seen(kind="seen", latex=rf"s_{{i,v}} = [\,{c} > 0\,]", inputs=(".count",), symbol=c),
        "types": row_sum("types", _TYPES, ("s_{i,v}", ".seen"), axis="V", over="v"),
        "rest": pointwise(
            "rest", operations.REST, rf"{_REST} = \frac{{D\, {_TYPES}}}{{{_N}}}", d, (_TYPES, ".types"), total
        ),
    }
    if n > 1:
        rows = ("s_{i,v}", ".seen"), (_LOWER, str(lower[1]))
        found["covered"] = row_sum("covered", r"\kappa_i", *rows, axis="V", over="v")
    else:
        latex = rf"\kappa_i = {_TYPES} \cdot \frac{{1}}{{V}}"
        found["covered"] = pointwise("covered_even", operations.PRODUCT, latex, (_TYPES, ".types"), lower)
    found["share"] = pointwise(
        "share",
        operations.SHARE,
        rf"{_SHARE} = \frac{{{_REST}}}{{1 - \kappa_i}}",
        rest,
        (r"\kappa_i", ".covered"),
    )
    found["probs"] = _probs(n, config, count, total, d, rest, lower)
    return found


def _probs(
    n: int, config: NgramConfig, count: Argument, total: Argument, d: Argument, rest: Argument, lower: Argument
) -> Formula:
    p, c, low = "p_{i,v}", count[0], lower[0]
    if config.smoothing == "add_k":
        latex = rf"{p} = \frac{{{c} + k}}{{{_N} + k V}}"
        return pointwise("add_k", operations.ADD_K, latex, count, ("k", config.k), total, ("V", config.vocab_size))
    if config.smoothing == "interpolation":
        mu = r"\mu"
        latex = rf"{p} = {mu} \frac{{{c}}}{{{_N}}} + (1 - {mu})\, {low}"
        return pointwise("interpolated", operations.INTERPOLATE, latex, count, total, (mu, config.shares[n - 1]), lower)
    if config.smoothing == "kneser_ney":
        latex = rf"{p} = \frac{{\max({c} - D,\, 0)}}{{{_N}}} + {_REST}\, {low}"
        return pointwise("kneser_ney", operations.DISCOUNT, latex, count, d, total, rest, lower)
    cases = rf"\frac{{{c} - D}}{{{_N}}} & {c} > 0 \\ {_SHARE}\, {low} & {c} = 0"
    latex = rf"{p} = \begin{{cases}} {cases} \end{{cases}}"
    return pointwise("back_off", operations.BACK_OFF, latex, count, d, total, (_SHARE, ".share"), lower)


def _context(n: int) -> str:
    words = [f"w_{{i,{k}}}" for k in range(n - 2, -1, -1)]
    return r"\,".join(words) if words else r"\varnothing"
