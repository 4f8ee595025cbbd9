"""The log holds nothing that a reader typed: of an error it has kind and place in the code, not the message."""

from __future__ import annotations

import logging
import traceback

from streamlit.logger import get_logger

TOLD_BY = ("streamlit.error_util", "streamlit.runtime.app_session", "uvicorn.error")  # who logs errors of a run


class WithoutMessages(logging.Filter):
    """Lets every record through, and takes the message of an error out of it: a message may quote a text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the error of a record by its kinds and places."""
        if record.exc_info and (error := record.exc_info[1]) is not None:
            record.exc_text, record.exc_info = places(error), None
        return True


def places(error: BaseException) -> str:
    """Return where an error arose and what kind it is, and the same of those that it came from."""
    told, seen = list[str](), set[int]()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        told.insert(0, "".join(traceback.format_tb(one.__traceback__)) + type(one).__qualname__)
        one = one.__cause__ or one.__context__
    return "\n".join(told)


def keep_texts_out() -> None:
    """Take the messages of errors out of the log of this server."""
    for name in TOLD_BY:
        logger = get_logger(name)
        if not any(isinstance(one, WithoutMessages) for one in logger.filters):
            logger.addFilter(WithoutMessages())
