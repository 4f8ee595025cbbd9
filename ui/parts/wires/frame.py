"""What components take and tell: what stands around every page."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ui.parts.wires.base import Words


class AddressData(TypedDict):
    """The view, for the address bar, and what names the session, whose end the browser notices by it."""

    query: dict[str, str]
    page: str
    session: str
    number: int


class PresentData(TypedDict):
    """What sharing the link needs; it tells "share", the link of which a code is asked for."""

    others: str
    qr: dict[str, Any] | None
    asked: str
    words: Words


class PathData(TypedDict):
    """The foot of a page: see `ui.frame.components.path_strip`; it tells "go", a stop, 0 for what is next."""

    stops: list[dict[str, str]]
    here: int
    onward: dict[str, str] | None
    words: Words


class EditsData(TypedDict):
    """Edits as chips; it tells "toggle", "remove" and "run", each with a value."""

    chips: list[dict[str, Any]]
    run: str
    runs: list[list[str]]
    note: str
    words: Words


class TermsData(TypedDict):
    """For the id of each term its name and its explanation, and the address of the page of all."""

    terms: dict[str, list[str]]
    words: Words
    glossary: str


class PicturesData(TypedDict):
    """A picture that can be saved: see `ui.frame.components.picture_buttons`."""

    chart: str
    opener: str
    part: NotRequired[str]
    name: str
    title: str
    place: str
    words: Words
