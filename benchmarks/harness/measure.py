"""Two ways of doing the same work, run in turns, compared by the median of their ratios.

Two runs of one load differ by up to 1.6 times on a small shared machine, so absolute rates prove little. Here A and B
take turns (ABBA, so that a slow drift cancels), each pair gives one ratio, and the median of the ratios is the figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import psutil


@dataclass(frozen=True)
class Slice:
    """One turn of one contender: how much work was done, in how long, for how much CPU."""

    count: int
    seconds: float
    cpu_seconds: float = 0.0
    failures: int = 0

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds of the measured process tree for one unit of work."""
        return 1000 * self.cpu_seconds / max(self.count, 1)


@dataclass(frozen=True)
class Comparison:
    """The turns of both contenders; `ratio` is how many times the baseline's rate ours is."""

    ours: tuple[Slice, ...]
    baseline: tuple[Slice, ...]

    @property
    def ratios(self) -> list[float]:
        return [a.rate / b.rate for a, b in zip(self.ours, self.baseline, strict=True)]

    def as_figures(self) -> dict[str, object]:
        """What the report keeps: medians, the range of the ratios, CPU beside them and every single turn."""
        return {
            "ratio": round(median(self.ratios), 3),
            "ratio_low": round(min(self.ratios), 3),
            "ratio_high": round(max(self.ratios), 3),
            "ours_per_second": round(median(s.rate for s in self.ours), 1),
            "baseline_per_second": round(median(s.rate for s in self.baseline), 1),
            "ours_cpu_ms": round(median(s.cpu_ms for s in self.ours), 3),
            "baseline_cpu_ms": round(median(s.cpu_ms for s in self.baseline), 3),
            "failures": sum(s.failures for s in (*self.ours, *self.baseline)),
            "turns": [[round(a.rate, 1), round(b.rate, 1)] for a, b in zip(self.ours, self.baseline, strict=True)],
        }


def interleave(ours: Callable[[], Slice], baseline: Callable[[], Slice], rounds: int, warm: bool = True) -> Comparison:
    """Run both `rounds` times in turns, changing who goes first; one turn of each before that is thrown away."""
    if warm:
        ours()
        baseline()
    ours_slices: list[Slice] = []
    baseline_slices: list[Slice] = []
    for turn in range(rounds):
        pair = [(ours, ours_slices), (baseline, baseline_slices)]
        for contender, slices in pair if turn % 2 == 0 else reversed(pair):
            slices.append(contender())
        print(
            f"    turn {turn + 1}: ours {ours_slices[-1].rate:.1f}/s, baseline {baseline_slices[-1].rate:.1f}/s",
            flush=True,
        )
    return Comparison(tuple(ours_slices), tuple(baseline_slices))


def cpu_seconds(roots: Sequence[int]) -> float:
    """User and system seconds spent so far by these processes and all their living children."""
    total = 0.0
    for root in roots:
        try:
            process = psutil.Process(root)
            members = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        for member in members:
            try:
                times = member.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
    return total
