"""Every value and every parameter of a model under its key: the plan, walked over once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, wraps
from sys import intern
from typing import Any, TypeVar

from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.plan import Block, Kind, Plan

POSITIONS = "LQK"
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """One value of the network.

    Attributes:
        key: the path, `stack.layer.block.value`.
        axes: one letter of the glossary in `plan.py` per axis, without the batch.
        kind: what the numbers are, which decides how they are drawn.
        sides: for each axis the word list that labels it, or None where it is not a position.
        derived: worked out from other sites when it is read; no pass shows it.
        spared: a pass shows it, and a trace works it out when it is read, as a derived one, unless it was edited.
        name: its name in its block.
        block: the one that computes it.
        formula: how it follows from other sites and from parameters.
    """

    key: str
    axes: str
    kind: Kind
    sides: tuple[str | None, ...]
    derived: bool
    spared: bool
    name: str
    block: Block
    formula: Formula


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: the path, `stack.layer.block.parameter`.
        axes: one letter per axis, rows first.
        block: the one that it belongs to.
        own: the last word of its name, by which its block knows it.
        kind: what the numbers are, which decides how they are drawn.
    """

    name: str
    axes: str
    block: Block
    own: str
    kind: Kind = "signed"


def _once(walk: Callable[[Plan], T]) -> Callable[[Plan], T]:
    """Keep what `walk` finds beside the plan itself.

    Equal plans share it, but to find it by what a plan says takes a comparison of the two, block by block: for a trace
    that came from a file that was most of the time of every `trace[key]`.
    """
    shared, name = lru_cache(maxsize=64)(walk), f"_{walk.__name__}"

    @wraps(walk)
    def found(plan: Plan) -> T:
        kept: dict[str, Any] = vars(plan)
        if name not in kept:
            kept[name] = shared(plan)
        return kept[name]

    return found


@checked()
def all_sites(plan: Plan) -> tuple[Site, ...]:
    """Return every site of a model, in the order in which the values are computed."""
    return tuple(sites_by_key(plan).values())


@_once
def sites_by_key(plan: Plan) -> dict[str, Site]:
    """Return the sites of `all_sites`, by key."""
    known = parameters_by_name(plan)
    found: dict[str, Site] = {}
    for block in plan.blocks:
        lists = {"L": block.words, "Q": block.words, "K": block.memory or block.words}
        for value in block.values:
            key, sides = intern(f"{block.path}.{value.name}"), tuple(lists.get(axis) or None for axis in value.axes)
            formula = value.formula.resolved(key, block.path, known)
            found[key] = Site(
                key, value.axes, value.kind, sides, value.derived, value.spared, value.name, block, formula
            )
    return found


@_once
def written_keys(plan: Plan) -> tuple[str, ...]:
    """Return the keys of the values that a pass shows at hook points, all but the derived ones, in their order."""
    return tuple(key for key, site in sites_by_key(plan).items() if not site.derived)


@_once
def spared_keys(plan: Plan) -> frozenset[str]:
    """Return the keys of those of them that a trace does not keep, unless they were edited."""
    return frozenset(key for key, site in sites_by_key(plan).items() if site.spared)


def find_site(plan: Plan, key: str) -> Site:
    """Return the site with this key.

    Raises:
        UnknownSiteError: if there is none; the message names the nearest keys that exist.
    """
    sites = sites_by_key(plan)
    if not isinstance(key, str) or key not in sites:
        raise unknown_key(plan, key, "site", sites)
    return sites[key]


def position_axis(site: Site) -> int:
    """Return the first axis of a site that counts positions."""
    return next(axis for axis, letter in enumerate(site.axes) if letter in POSITIONS)


@checked()
def all_parameters(plan: Plan) -> tuple[Parameter, ...]:
    """Return every parameter of a model, in the order in which they are used; tied ones once a name."""
    return tuple(parameters_by_name(plan).values())


@_once
def parameters_by_name(plan: Plan) -> dict[str, Parameter]:
    """Return the parameters of `all_parameters`, by name."""
    pairs = ((block, weight) for block in plan.blocks for weight in block.weights)
    named = (Parameter(f"{block.path}.{weight.name}", weight.axes, block, weight.name) for block, weight in pairs)
    return {parameter.name: parameter for parameter in named}


@checked()
def find_parameter(plan: Plan, name: str) -> Parameter:
    """Return the parameter with this name.

    Raises:
        UnknownSiteError: if there is none; the message names the nearest that exist.
    """
    parameters = parameters_by_name(plan)
    if not isinstance(name, str) or name not in parameters:
        raise unknown_key(plan, name, "parameter", parameters)
    return parameters[name]


def unknown_key(plan: Plan, key: str, what: str, known: Iterable[str]) -> UnknownSiteError:
    """Return the error that says that `key` is no `what` of this model, and which of the `known` keys are nearest."""
    keys = list(known)
    nearest = difflib.get_close_matches(str(key), keys, n=3, cutoff=0.4) or keys[:3]
    return UnknownSiteError(
        f"{key!r} is not a {what} of this {plan.kind} model; the nearest are {', '.join(nearest)}",
        key=key,
        nearest=nearest,
    )
