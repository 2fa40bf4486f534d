"""The state machines of common/statuses.json, the one list that the backend and both frontends read."""

from collections.abc import Mapping
from types import MappingProxyType

from app.utils.shared import load_shared

_MACHINES: dict[str, dict[str, dict]] = load_shared("statuses")


def transitions(machine: str) -> Mapping[str, frozenset[str]]:
    """Status → the statuses it may go to next; an empty set marks an end. Raises KeyError for an unknown machine."""
    return MappingProxyType({name: frozenset(facts["next"]) for name, facts in _MACHINES[machine].items()})


def label(machine: str, status: str) -> str:
    """The English words for a status."""
    return _MACHINES[machine][status]["label"]
