"""The scripts of the page are typed, and nothing of them comes from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

_STATIC = Path("reasoner/serve/static")
_TYPESCRIPT = "typescript@5.9"


def test_the_types_of_the_scripts_are_right() -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine: apt-get install npm")
    command = [
        npm,
        "exec",
        "--yes",
        f"--package={_TYPESCRIPT}",
        "--",
        "tsc",
        "-p",
        "tests/reasoner/serve/page/jsconfig.json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_fetched_from_elsewhere_and_nothing_stands_inline() -> None:
    for file in [*_STATIC.glob("*.js"), *_STATIC.glob("*.css"), *Path("reasoner/serve/templates").glob("*.html")]:
        text = file.read_text()
        assert not re.search(r"(?:src|href|url\(|import|fetch\()\s*=?\s*[\"'(]*(?:https?:)?//", text), file
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), file


def test_each_vendored_library_has_its_licence_and_its_version() -> None:
    folders = [folder for folder in (_STATIC / "vendor").iterdir() if folder.is_dir()]
    assert folders
    for folder in folders:
        assert (folder / "LICENSE").read_text().strip()
        assert re.search(r"\d+\.\d+\.\d+", (folder / "VERSION").read_text())
