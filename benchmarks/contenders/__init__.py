"""The work itself, each side in a process of its own (see harness/contender.py)."""
