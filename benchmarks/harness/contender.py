"""A contender in a process of its own that does one turn of work each time it is told to.

So each side has its own memory, its own connections and its own CPU account, and neither disturbs the other while
it waits. The two sides talk in lines of JSON: `{"count": 500}` in, `{"count": 500, "seconds": 1.2, ...}` out.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .measure import Slice
from .servers import REPOSITORY


class ContenderFailed(Exception):
    """The contender's process ended; what it printed stands above."""


class Contender:
    """`python -m benchmarks.contenders.<module> <arguments>`; use as a context manager."""

    def __init__(self, module: str, *arguments: str, environ: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", f"benchmarks.contenders.{module}", *arguments]
        self._environ = {**os.environ, **environ}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Contender":
        self._process = subprocess.Popen(
            self._command, cwd=REPOSITORY, env=self._environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._answer()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)

    def ask(self, **request: Any) -> dict[str, Any]:
        """One turn's figures, whatever the contender answers. Raises ContenderFailed."""
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def turn(self, **request: Any) -> Slice:
        """One turn as a slice. Raises ContenderFailed."""
        return self.slice_of(self.ask(**request))

    @staticmethod
    def slice_of(figures: Mapping[str, Any]) -> Slice:
        return Slice(figures["count"], figures["seconds"], figures["cpu_seconds"])

    def _answer(self) -> dict[str, Any]:
        assert self._process is not None and self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                return json.loads(line)
            print("    " + line.rstrip(), flush=True)
        raise ContenderFailed(" ".join(self._command[2:]) + f" ended with {self._process.wait()}.")


def serve(turn: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The contender's side: say that it is ready, then answer each line until the other side is gone."""
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(turn(json.loads(line))), flush=True)
