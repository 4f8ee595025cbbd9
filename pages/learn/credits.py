"""Page: whose work this rests on. It shows no run, so it needs no model."""

from __future__ import annotations

from ui.frame.components import address
from ui.learn.credits import PAGE, show_credits
from ui.state.session import current_view
from ui.state.view import to_query


def main() -> None:
    view = current_view()
    address(to_query(view), PAGE)
    show_credits(view.lang)


main()
