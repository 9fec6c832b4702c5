"""The project as a whole: its checks, its layers, its README, its public names."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import reasoner
from reasoner import Policy

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
    run(*mypy, "-p", "facts", "-p", "reasoner", cwd=ROOT)
    run(*mypy, "-p", "facts", "-p", "reasoner", cwd=tmp_path)
    run(*mypy, ROOT / "tests", cwd=tmp_path)


def test_the_top_level_stays_as_it_is() -> None:
    listed = run("git", "ls-tree", "--name-only", "HEAD").split()
    assert {name for name in listed if not name.startswith(".")} == TOP


PYTHON = sorted(file for folder in ("facts", "reasoner") for file in (ROOT / folder).rglob("*.py"))
LAYERS = (
    "facts",
    "errors",
    "engine",
    "policy",
    "verdict",
    "whatif",
    "suites",
    "analysis",
    "batch",
    "render",
    "serve",
    "cli",
)
"""Each knows those before it, and none after it."""


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer_of(module: str) -> int | None:
    """None for what is on top of all: the package `reasoner` itself, with the public names."""
    first, *rest = module.split(".")
    name = first if first == "facts" else rest[0] if rest else ""
    return LAYERS.index(name) if name in LAYERS else None


def own_imports(node: ast.AST) -> Iterator[str]:
    """The modules of the project that are imported, in functions as well, but for those that types alone need."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    if isinstance(node, ast.ImportFrom):
        assert not node.level and node.module is not None, "imports name the whole module"
        for name in node.names:
            full = f"{node.module}.{name.name}"
            yield full if full in MODULES else node.module
    elif isinstance(node, ast.Import):
        yield from (name.name for name in node.names)
    for child in ast.iter_child_nodes(node):
        yield from own_imports(child)


MODULES = {module_of(file): file for file in PYTHON}
IMPORTS = {
    module: {name for name in own_imports(ast.parse(file.read_text("utf-8"))) if name in MODULES}
    for module, file in MODULES.items()
}


def test_imports_go_one_way() -> None:
    for module, imported in IMPORTS.items():
        layer = layer_of(module)
        if layer is None:
            continue
        for name in imported:
            below = layer_of(name)
            if below is None:
                assert name == "reasoner" and layer, f"{module} imports {name}"
            else:
                assert below <= layer, f"{module} imports {name}"


def test_every_module_of_the_package_is_in_a_layer() -> None:
    assert {name for name in MODULES if layer_of(name) is None} == {"reasoner", "reasoner.__main__"}


def test_no_modules_import_in_a_circle() -> None:
    order = TopologicalSorter({name: imported - {"reasoner", name} for name, imported in IMPORTS.items()})
    order.prepare()  # raises CycleError with the circle


def test_one_place_has_the_solver() -> None:
    """Programs are ground in one module; texts are parsed, and strange rules tried, in one each."""
    with_control = {module for module, file in MODULES.items() if re.search(r"\bControl\(", file.read_text("utf-8"))}
    assert with_control == {"reasoner.engine.control", "reasoner.engine.texts", "reasoner.engine.trial_process"}


def test_no_tricks_with_the_import_system() -> None:
    for module, file in MODULES.items():
        assert not re.search(
            r"__path__|sys\.modules\[|sys\.meta_path|sys\.path\.(append|insert)", file.read_text("utf-8")
        ), module


OLD_NAMES = {
    "told", "said", "tell", "look", "calm", "hopeful", "turned", "apart", "bands", "bench", "taken_apart", "world", "far",
    "_lookedforlater",
}  # fmt: skip


def test_names_are_those_of_the_field() -> None:
    for module, file in MODULES.items():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            named = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "arg", None)
            assert not isinstance(named, str) or named.lower() not in OLD_NAMES, f"{module}: {named}"
        assert not set(module.split(".")) & {"told", "places", "names", "bands", "apart", "world", "ground"}, module


# ── Policy knowledge lives in rules/ alone ───────────────────────────────────────────────────────

GENERIC = {
    "request_date", "request_type", "indication",  # what the engine asks of a request (reasoner/policy/request.py)
    "class", "us_class", "potency", "prescription", "product",  # what catalogues have of a product
    "case_id", "name", "kind", "type", "date", "periods", "none", "sign",  # of records, of types, of numbers
    "excludes", "mandate", "outcome", "failure",  # a table of the engine, a ground of denials, of solves, of JUnit
    "feet",  # an irregular plural
}  # fmt: skip


def strings_of(file: Path) -> Iterator[tuple[int, str]]:
    """The strings of a module with their lines, without the docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.lineno, node.value


def words_of(policy: Policy) -> set[str]:
    """Each field, place, value, unit, title and word that a policy declares, and its items."""
    declaration = policy.declaration
    found: set[str] = {str(item) for item in policy.items if not str(item).isdigit()}
    for field in declaration.fields:
        name = field.name[0] if isinstance(field.name, tuple) else field.name
        found |= {
            str(name),
            field.title,
            field.unit or "",
            *map(str, field.allowed),
            *re.split(r"[.\[\]]+", field.place),
        }
    found |= {*declaration.entry_lists, policy.id}
    for vocabulary in policy.vocabularies.values():
        found |= {*vocabulary.terms, *vocabulary.terms.values()}
    for product in policy.catalogue.products:
        found |= {product.key, product.class_name, product.id, *product.names, product.potency or ""}
    return {word.lower() for word in found if len(word) > 2}


@pytest.mark.parametrize("folder", ["rules/ip0369", "tests/policies/glp1", "tests/policies/household_benefit"])
def test_no_word_of_a_policy_stands_in_python(folder: str) -> None:
    words = words_of(Policy.load(ROOT / folder))
    assert len(words) > 40
    found = {
        f"{file.relative_to(ROOT)}:{line}: {text}"
        for file in PYTHON
        for line, text in strings_of(file)
        if text.lower() in words - GENERIC
    }
    assert not found


def test_no_word_of_the_policy_stands_in_the_encodings(policy: Policy) -> None:
    words = words_of(policy) - GENERIC
    for file in (ROOT / "reasoner/engine/encodings").glob("*.lp"):
        code = re.sub(r"%.*", "", file.read_text("utf-8"))
        assert not set(re.findall(r"[a-z][a-z0-9_]*", code)) & words, file


def test_no_name_of_the_policy_stands_in_python() -> None:
    """Nor within a longer string, an identifier or a comment."""
    named = re.compile(
        r"ip0369|opzelura|ruxolitinib|dermatitis|vitiligo|alopecia|corticosteroid|calcineurin|eyelid", re.I
    )
    for file in PYTHON:
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            shown = line.lstrip().startswith((">>>", "'", '"""Decide')) or "facts/examples" in line
            assert shown or not named.search(line), f"{file}:{number}: {line}"


def test_no_threshold_of_the_policy_stands_in_python() -> None:
    texts = [file.read_text("utf-8") for file in (ROOT / "rules/ip0369").glob("*.lp")]
    thresholds = {int(found) for text in texts for found in re.findall(r"^threshold\(.*?(\d+)\)\.", text, re.M)}
    assert {12, 20, 28, 42, 56, 168} <= thresholds
    plain = {10, 12, 20}  # the base of numbers, months of a year, the most that is shown of something
    for file in PYTHON:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 9:
                assert node.value not in thresholds - plain, f"{file}:{node.lineno}: {node.value}"


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
