"""How a process of ours logs: one line an event on the error stream, as text or JSON, secrets masked."""

import logging
import sys

import structlog

from onshelf.guard.mask import mask_event
from onshelf.settings import Settings


def configure(settings: Settings) -> None:
    """Sets up structured logging for this process; called once by a door."""
    as_json = settings["log_format"] == "json"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings["log_level"].upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
