"""What is written down beside the code says what the code says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness import report

BIN = Path(sys.executable).parent


def run(*command: str, folder: Path) -> None:
    """The command ends well; else its words are the failure."""
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tables_of_settings_are_current(project: Path) -> None:
    run(sys.executable, "docs-source/build.py", "--check", folder=project)


def test_the_site_s_types_are_those_of_the_openapi_document(project: Path) -> None:
    run("npm", "run", "--silent", "types", "--", "--check", folder=project / "frontend")


@pytest.mark.parametrize("frontend", ["frontend", "frontend-admin"])
def test_types_texts_and_rules_of_a_frontend(project: Path, frontend: str) -> None:
    run("npm", "run", "--silent", "check", folder=project / frontend)


@pytest.mark.parametrize("frontend", ["frontend", "frontend-admin"])
def test_the_lock_names_no_place_to_download_from(project: Path, frontend: str) -> None:
    lock = (project / frontend / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_the_page_and_the_chart_of_benchmarks_show_the_kept_figures():
    results = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    page = report.PAGE.read_text(encoding="utf-8")
    assert report.with_figures(page, results) == page
    assert report.chart(results["rows"]) == report.CHART.read_text(encoding="utf-8")
