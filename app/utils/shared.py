"""The constants of common/, which the backend and both frontends read."""

import json
from pathlib import Path
from typing import Any

SHARED_FOLDER = Path(__file__).resolve().parents[2] / "common"


def load_shared(name: str) -> Any:
    """The content of common/<name>.json. Raises FileNotFoundError when there is no such file."""
    return json.loads((SHARED_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
