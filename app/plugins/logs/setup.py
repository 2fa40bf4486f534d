"""structlog and the standard library's loggers end in the same processors."""

import io
import logging
import sys
from typing import Any, TextIO, cast

import orjson
import structlog
from flask import Flask
from structlog.types import Processor

from app.env import Settings
from app.plugins.logs.redaction import redact

_NOISY = {"cassandra": "WARNING", "elastic_transport": "WARNING", "werkzeug": "WARNING", "apscheduler": "ERROR"}


class _StandardError(io.TextIOBase):
    """Standard error as it is when a line is written; whoever replaces it gets the lines."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def init_app(app: Flask) -> None:
    """Log as these settings say: JSON lines or readable text, to standard error."""
    settings: Settings = app.config["SETTINGS"]
    output = _StandardError()
    shared = _shared_processors()
    structlog.configure(
        processors=[*shared, _renderer(settings)],
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings.log_level)),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, output)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings)],
        )
    )
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if not getattr(kept, "of_product", False)]
    handler.of_product = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(_level(settings.log_level))
    for name, level in _NOISY.items():
        logging.getLogger(name).setLevel(level)


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]


def _renderer(settings: Settings) -> Processor:
    if settings.log_json:
        return structlog.processors.JSONRenderer(serializer=_json)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _level(name: str) -> int:
    return logging.getLevelNamesMapping().get(name.upper(), logging.INFO)
