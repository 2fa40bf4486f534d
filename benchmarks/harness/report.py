"""The figures as JSON, as the table of docs-source/benchmarks.md and as a chart beside it."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import psutil

from .servers import REPOSITORY

RESULTS = REPOSITORY / "benchmarks" / "results" / "latest.json"
PAGE = REPOSITORY / "docs-source" / "benchmarks.md"
CHART = REPOSITORY / "docs-source" / "assets" / "benchmarks.svg"
_START, _END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


@dataclass
class Row:
    """One line of the table. target: the least ratio, or the most when `lower_is_better`."""

    key: str
    title: str
    against: str
    target: float | None = None
    lower_is_better: bool = False
    figures: Mapping[str, Any] = field(default_factory=dict)
    unit: str = "requests/s"
    notes: Sequence[str] = ()
    held: bool | None = None

    def __post_init__(self) -> None:
        ratio = self.figures.get("ratio")
        if self.held is None and ratio is not None and self.target is not None:
            self.held = ratio < self.target if self.lower_is_better else ratio >= self.target


def save(rows: Sequence[Row], quick: bool, measured_at: str, engines: Mapping[str, str]) -> None:
    """Merge these rows into results/latest.json (other rows of earlier runs stay), and write page and chart anew."""
    kept = {row["key"]: row for row in _earlier()}
    for row in rows:
        kept[row.key] = {**asdict(row), "measured_at": measured_at, "quick": quick}
    ordered = [kept[key] for key in ORDER if key in kept]
    results = {"machine": machine(engines), "rows": ordered}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    CHART.parent.mkdir(parents=True, exist_ok=True)
    CHART.write_text(chart(ordered))
    PAGE.write_text(with_figures(PAGE.read_text(), results))


ORDER = (
    "read_item",
    "search_page",
    "mirrored_write",
    "rebuild",
    "purchase",
    "growth_read",
    "growth_search",
    "last_item",
)


def _earlier() -> list[dict[str, Any]]:
    return json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []


def machine(engines: Mapping[str, str]) -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "cores": psutil.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": platform.system() + " " + platform.release(),
        "python": platform.python_version(),
        **engines,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def with_figures(page: str, results: Mapping[str, Any]) -> str:
    """The page with everything between its two marks replaced by these figures."""
    before, _, rest = page.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n\n{table(results)}\n{_END}{after}"


def table(results: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    lines = [
        "| Work | Against | Must | Measured (range) | Ours | Baseline | CPU per request: ours, baseline | Holds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_table_line(row) for row in results["rows"]]
    lines += ["", _machine_sentence(results["machine"]), ""]
    for row in results["rows"]:
        if row["notes"]:
            lines.append(f"**{row['title']}.** " + " ".join(row["notes"]))
            lines.append("")
    return "\n".join(lines)


def _table_line(row: Mapping[str, Any]) -> str:
    figures = row["figures"]
    held = {True: "yes", False: "**no**", None: ""}[row["held"]]
    if "ratio" not in figures:
        return f"| {row['title']} | {row['against']} | {figures['must']} | {figures['measured']} | | | | {held} |"
    must = f"under {row['target']:g} ×" if row["lower_is_better"] else f"at least {row['target']:g} ×"
    measured = f"{figures['ratio']:.2f} × ({figures['ratio_low']:.2f} to {figures['ratio_high']:.2f})"
    rates = [f"{figures[side + '_per_second']:,.0f}" if figures[side + "_per_second"] >= 100
             else f"{figures[side + '_per_second']:.1f}" for side in ("ours", "baseline")]  # fmt: skip
    cpu = f"{figures['ours_cpu_ms']:.2f} ms, {figures['baseline_cpu_ms']:.2f} ms"
    cells = [row["title"], row["against"], must, measured, f"{rates[0]} {row['unit']}", rates[1], cpu, held]
    return "| " + " | ".join(cells) + " |"


def _machine_sentence(facts: Mapping[str, Any]) -> str:
    engines = ", ".join(
        f"{name} {facts[name]}" for name in ("Cassandra", "Elasticsearch", "PostgreSQL") if name in facts
    )
    return (
        f"Taken on {facts['processor']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['system']}, "
        f"Python {facts['python']}, {engines}; servers, engines and load on the same machine."
    )


def chart(rows: Sequence[Mapping[str, Any]]) -> str:
    """An SVG: for each row its ratio as a bar, the range as a line through its end, the target as a mark.

    Every bar is scaled to its own target (the mark stands at the same place in all), so one look tells which hold.
    """
    drawn = [row for row in rows if "ratio" in row["figures"]]
    left, width, step, mark = 330, 720, 46, 200
    height = 40 + step * len(drawn) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="Measured ratios beside what they must be" font-family="system-ui, sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<line x1="{left + mark}" y1="30" x2="{left + mark}" y2="{height - 24}" stroke="#444" '
        'stroke-dasharray="4 3"/>',
        f'<text x="{left + mark}" y="22" text-anchor="middle" fill="#444">what must hold</text>',
    ]
    for number, row in enumerate(drawn):
        parts += _bar(row, left, 40 + number * step, mark, width - left - 70)
    parts.append("</svg>\n")
    return "\n".join(parts)


def _bar(row: Mapping[str, Any], left: int, top: int, mark: int, widest: int) -> list[str]:
    figures, target = row["figures"], row["target"]

    def across(ratio: float) -> float:
        return min(ratio / target * mark, widest)

    colour = "#2b7a4b" if row["held"] else "#b3541e"
    direction = "under" if row["lower_is_better"] else "at least"
    low, high, end = (left + across(figures[name]) for name in ("ratio_low", "ratio_high", "ratio"))
    return [
        f'<text x="{left - 10}" y="{top + 13}" text-anchor="end" fill="#111">{escape(row["title"])}</text>',
        f'<text x="{left - 10}" y="{top + 29}" text-anchor="end" fill="#666" font-size="11">'
        f"{escape(row['against'])}, {direction} {target:g} ×</text>",
        f'<rect x="{left}" y="{top + 3}" width="{end - left:.1f}" height="22" rx="2" fill="{colour}"/>',
        f'<line x1="{low:.1f}" y1="{top + 14}" x2="{high:.1f}" y2="{top + 14}" stroke="#111" stroke-width="1.5"/>',
        f'<text x="{max(end, high) + 6:.1f}" y="{top + 19}" fill="#111">{figures["ratio"]:.2f} ×</text>',
    ]
