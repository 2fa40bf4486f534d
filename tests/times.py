"""Instants in tests, written as text."""

from datetime import UTC, datetime


def at(text: str) -> datetime:
    """An ISO day or instant, as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
