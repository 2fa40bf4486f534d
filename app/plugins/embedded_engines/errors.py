"""The one exception of the embedded engines; its message is a sentence for the person at the terminal."""


class EnginesError(Exception):
    """The engines cannot be fetched, started, reached or stopped; nothing half made is left behind."""
