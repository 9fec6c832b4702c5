"""The project as a whole: its checks, its layers, its README, its public names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reasoner

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
TOP = {"pyproject.toml", "rules", "reasoner", "facts", "tests", "README.md", "LICENSE", "CHANGELOG.md"}


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_ruff() -> None:
    run(sys.executable, "-m", "ruff", "check", ".")
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_types_of_the_package_and_of_its_tests(tmp_path: Path) -> None:
    mypy: list[str | Path] = [sys.executable, "-m", "mypy", "--config-file", ROOT / "pyproject.toml"]
    run(*mypy, "-p", "reasoner", cwd=tmp_path)
    run(*mypy, ROOT / "tests", cwd=tmp_path)


def test_the_top_level_stays_as_it_is() -> None:
    listed = run("git", "ls-tree", "--name-only", "HEAD").split()
    assert {name for name in listed if not name.startswith(".")} == TOP


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_layers() -> None:
    """facts/ knows nothing of solving, and one module alone has clingo's Control."""
    for file in (ROOT / "facts").glob("*.py"):
        assert not any(name.startswith("reasoner") for name in imports(file)), file
    with_control = {
        file.name
        for folder in ("reasoner", "facts")
        for file in (ROOT / folder).rglob("*.py")
        if re.search(r"\bControl\(", file.read_text("utf-8"))
    }
    assert with_control == {"ground.py", "catalogue.py"}


POLICY_WORDS = re.compile(
    r"IP0369|opzelura|ruxolitinib|dermatitis|vitiligo|alopecia|psoriasis|corticosteroid|calcineurin|biologic"
    r"|jak_|dermatolog|eyelid|azathioprine|cyclosporine|\"[12]\.[A-E]|\"X\.",
    re.IGNORECASE,
)


def test_no_word_of_the_policy_stands_in_python() -> None:
    for folder in ("reasoner", "facts"):
        for file in (ROOT / folder).rglob("*.py"):
            for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
                if not line.lstrip().startswith((">>>", '"""Decide')) and "facts/examples" not in line:
                    named = line.replace("vitiligo_type", "")  # a field of the record
                    assert not POLICY_WORDS.search(named), f"{file}:{number}: {line}"


def test_public_names_are_there_and_documented() -> None:
    for name in reasoner.__all__:
        assert name == "RULES" or getattr(reasoner, name).__doc__, name
    with pytest.raises(AttributeError):
        _ = reasoner.nonsense


@pytest.mark.parametrize("block", re.findall(r"```console\n(.*?)```", README, re.DOTALL))
def test_the_outputs_in_the_readme_are_real(block: str) -> None:
    command, *shown = block.strip("\n").splitlines()
    assert command.startswith("$ reasoner ")
    printed = run(sys.executable, "-m", "reasoner", *command.split()[2:]).splitlines()
    wanted = [line for line in shown if line.strip() != "…"]
    rest = iter(line.rstrip() for line in printed)
    for line in wanted:
        assert line.rstrip() in rest, line


def test_the_python_of_the_readme_runs() -> None:
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        run(sys.executable, "-c", block)


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", README, re.DOTALL))
def test_the_suites_in_the_readme_pass(block: str, tmp_path: Path) -> None:
    (tmp_path / "readme.suite.yaml").write_text(block, "utf-8")
    assert run(sys.executable, "-m", "reasoner", "test", tmp_path / "readme.suite.yaml").endswith("0 failed\n")
