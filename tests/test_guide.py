"""The guide for those who write a policy (rules/README.md): every block of it does what it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from closure import checked_sets
from guide import Block, Refusal, add, blocks, commands, is_as_shown, parts, refusals
from random_records import Records

from reasoner import Policy, RulesError

BLOCKS = blocks()
REFUSALS = refusals()
TRIED = [block for block in BLOCKS if block.name is not None and block.name[0]]


def run(command: list[str], folder: Path) -> str:
    assert command[0] in ("reasoner", "python"), command
    whole = [sys.executable, *(["-m", "reasoner"] if command[0] == "reasoner" else []), *command[1:]]
    done = subprocess.run(whole, cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every file of the guide, as it is at its end."""
    folder = tmp_path_factory.mktemp("guide")
    for block in BLOCKS:
        write(block, folder)
    return folder


def loaded(folder: Path) -> Policy:
    """The policy of a folder, as `Policy.load` has it, without a trial in another process beforehand."""
    policy = Policy(*Policy.find(folder))
    policy.check_names()
    return policy


def write(block: Block, folder: Path) -> None:
    if block.name is None or block.name[0]:
        return
    _, path, beside = block.name
    file = folder / path
    assert file.exists() == bool(beside), f"line {block.line}: {path}"
    if beside == "instead":
        file.unlink()
    add(file, block.text.partition("\n")[2])


def test_every_block_is_run() -> None:
    for block in BLOCKS:
        assert block.language in ("prolog", "yaml", "python", "console"), f"line {block.line}"
        if block.language == "console":
            assert block.text.startswith(("$ reasoner ", "$ python ")), f"line {block.line}"
        else:
            assert block.name is not None, f"line {block.line}: without the name of its file"
    assert len(TRIED) > 12 and len(REFUSALS) > 40


def test_from_an_empty_folder_to_the_end(tmp_path: Path) -> None:
    for block in BLOCKS:
        write(block, tmp_path)
        for command, shown in commands(block) if block.language == "console" else ():
            printed = run(command, tmp_path)
            assert is_as_shown(printed.splitlines(), shown), f"line {block.line}: {' '.join(command)}\n{printed}"


@pytest.mark.parametrize("block", TRIED, ids=lambda block: f"line {block.line}")
def test_what_is_tried_judges_and_explains(block: Block, written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "oxygen"
    shutil.copytree(written / "oxygen", folder)
    for file, added in parts(block):
        add(tmp_path / file, added)
    policy = loaded(folder)
    made = [Records(policy, seed, entries=2) for seed in range(20)]
    tried = [records.near_approval() if seed % 2 else records.record() for seed, records in enumerate(made)]
    assert sum(checked_sets(policy, data, 3) for data in tried) > 0
    assert "approved" in map(policy.decide, tried)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.added[:60])
def test_what_is_refused(refusal: Refusal, written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "oxygen"
    shutil.copytree(written / "oxygen", folder)
    add(tmp_path / refusal.file, refusal.added + "\n")
    with pytest.raises(RulesError) as caught:
        loaded(folder)
    assert refusal.message in str(caught.value)
