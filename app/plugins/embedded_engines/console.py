"""Where the engines tell people what they are doing: standard error, so that output can still be piped."""

from rich.console import Console

console = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """One plain line for the person at the terminal."""
    console.print(text, markup=False)
