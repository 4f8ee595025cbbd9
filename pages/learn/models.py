"""Page: which models there are, and any other. It shows no run."""

from __future__ import annotations

from ui.frame.components import address
from ui.learn.models import PAGE, show_models
from ui.state.session import current_view
from ui.state.view import to_query


def main() -> None:
    view = current_view()
    address(to_query(view), PAGE)
    show_models(view)


main()
