"""Build docs-source into docs, with the configuration tables made from app/env.py, and asvs.md from asvs.toml.

build.py            write the tables, then the pages
build.py --tables   only the tables (configuration.md, asvs.md and README.md)
build.py --check    write nothing; exit 1 when a table is not current
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from app.env import Settings  # noqa: E402

BEGIN, END = "<!-- settings: made by docs-source/build.py -->", "<!-- end of settings -->"
ITEMS = ("<!-- items: made by docs-source/build.py -->", "<!-- end of items -->")
VERDICTS = ("holds", "does not hold", "does not apply")
TITLES = {"which values, never which code path": "Profile"}
SECTION = re.compile(r"^    # (?P<title>.+)$|^    (?P<name>[a-z_]+): ", re.MULTILINE)


class TablesWrong(Exception):
    """The meanings and the settings do not match; the message names each."""


def sections() -> Iterator[tuple[str, list[str]]]:
    """The settings' names under the section comments of app/env.py, in their order."""
    source = (ROOT / "app" / "env.py").read_text(encoding="utf-8")
    body = source[source.index("class Settings:") : source.index("    @property")]
    title, names = "", []
    for match in SECTION.finditer(body):
        if match["title"]:
            if names:
                yield title, names
            title, names = match["title"], []
        else:
            names.append(match["name"])
    yield title, names


def meanings() -> dict[str, str]:
    """What each setting means, from settings.toml. Raises TablesWrong when one is missing or too many."""
    known = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))
    texts: dict[str, str] = known["meaning"]
    names = {spec.name for spec in fields(Settings)}
    faults = [f"{name} has no meaning in settings.toml" for name in sorted(names - set(texts))]
    faults += [f"settings.toml explains {name}, which is no setting" for name in sorted(set(texts) - names)]
    if faults:
        raise TablesWrong("; ".join(faults))
    return texts


def default_of(name: str) -> str:
    """How the default reads in a table."""
    spec = next(spec for spec in fields(Settings) if spec.name == name)
    if spec.default_factory is not MISSING:
        return {"cache_folder": "`~/.cache/marketplace`", "data_folder": "`~/.local/share/marketplace`"}.get(name, "")
    value = ",".join(spec.default) if isinstance(spec.default, tuple) else spec.default
    if value in ("", None):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def table(names: list[str], texts: dict[str, str]) -> str:
    rows = [f"| `{name.upper()}` | {default_of(name)} | {texts[name]} |" for name in names]
    return "\n".join(["| Variable | Default | Meaning |", "| --- | --- | --- |", *rows])


def items() -> str:
    """What of OWASP ASVS holds: a count, then a table a chapter, out of asvs.toml."""
    known = tomllib.loads((HERE / "asvs.toml").read_text(encoding="utf-8"))
    parts = [_counts(known["item"])]
    for chapter, title in known["chapters"].items():
        rows = [_row(item) for item in known["item"] if item["id"].split(".")[0] == chapter[1:]]
        heads = ["| Item | Level | Verdict | Why, or how | Test |", "| --- | --- | --- | --- | --- |"]
        parts.append(f"## {chapter} {title}\n\n" + "\n".join([*heads, *rows]))
    return "\n\n".join(parts)


def _counts(known: list[dict[str, Any]]) -> str:
    rows = ["| Level | Holds | Does not hold | Does not apply |", "| --- | --- | --- | --- |"]
    for level in (1, 2, 3):
        given = [item["verdict"] for item in known if item["level"] == level]
        rows.append(f"| {level} | " + " | ".join(str(given.count(verdict)) for verdict in VERDICTS) + " |")
    return "\n".join(rows)


def _row(item: dict[str, Any]) -> str:
    verdict = item["verdict"] if item["verdict"] != "does not hold" else "**does not hold**"
    test = f"`{item['test'].split('::')[1]}`" if "test" in item else ""
    return f"| {item['id']} | {item['level']} | {verdict} | {item['why']} | {test} |"


def tables() -> dict[Path, str]:
    """The files that hold a table, as they should be now."""
    texts = meanings()
    whole = "\n\n".join(
        f"## {TITLES.get(title, title[0].upper() + title[1:])}\n\n{table(names, texts)}" for title, names in sections()
    )
    chosen = tomllib.loads((HERE / "settings.toml").read_text(encoding="utf-8"))["readme"]
    return {
        HERE / "configuration.md": _filled(HERE / "configuration.md", whole),
        HERE / "asvs.md": _filled(HERE / "asvs.md", items(), ITEMS),
        ROOT / "README.md": _filled(ROOT / "README.md", table(chosen, texts)),
    }


def _filled(file: Path, content: str, marks: tuple[str, str] = (BEGIN, END)) -> str:
    text = file.read_text(encoding="utf-8")
    before, rest = text.split(marks[0], 1)
    _, after = rest.split(marks[1], 1)
    return f"{before}{marks[0]}\n\n{content}\n\n{marks[1]}{after}"


def build_pages() -> int:
    """Make docs/ anew; Sphinx's exit code, its warnings counting as errors."""
    target = ROOT / "docs"
    with tempfile.TemporaryDirectory() as work:
        made = Path(work) / "made"
        arguments = ["-q", "-W", "--keep-going", "-b", "html", "-d", f"{work}/trees", str(HERE), str(made)]
        code = subprocess.run([sys.executable, "-m", "sphinx", *arguments], check=False).returncode
        if code == 0:
            (made / ".buildinfo").unlink(missing_ok=True)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(made, target)
    return code


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    try:
        wanted = tables()
    except TablesWrong as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    stale = [file for file, text in wanted.items() if file.read_text(encoding="utf-8") != text]
    if asked.check:
        for file in stale:
            sys.stderr.write(f"{file.relative_to(ROOT)} is not current: run docs-source/build.py --tables\n")
        return 1 if stale else 0
    for file in stale:
        file.write_text(wanted[file], encoding="utf-8")
    return 0 if asked.tables else build_pages()


if __name__ == "__main__":
    sys.exit(main())
