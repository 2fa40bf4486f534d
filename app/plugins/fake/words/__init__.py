"""Word lists that made-up names are built of, one JSON file a topic."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def words(topic: str) -> Any:
    """The list or tree of `<topic>.json`, read once a process. Raises FileNotFoundError when there is none."""
    return json.loads((Path(__file__).parent / f"{topic}.json").read_text(encoding="utf-8"))
