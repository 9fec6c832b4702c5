"""A policy with other texts of its rule files, or with a choice read the other way; nothing is written that stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from clingo.ast import ASTType

from reasoner.engine.limits import Limits
from reasoner.errors import RulesError
from reasoner.policy.syntax import Statement, rule_files
from reasoner.verdict.policy import Policy

_CHOICE = ("choice", 3)


def edited(policy: Policy, texts: Mapping[str, str], limits: Limits | None = None) -> Policy:
    """The policy with other texts of some of its rule files, by file name; they are vetted as those of a stranger.

    Raises RulesError, with places by file name, where they are wrong or a file is none of the policy's.
    """
    files = {source.path.name: source.text for source in policy.sources}
    if unknown := sorted(texts.keys() - files):
        raise RulesError(f"no rule file {', '.join(map(repr, unknown))}; there are: {', '.join(files)}")
    return with_files(policy, {**files, **texts}, limits or Limits())


def read_otherwise(policy: Policy, readings: Mapping[str, str]) -> Policy:
    """The policy with these readings of its choices as the default ones. Raises RulesError for one that it lacks."""
    texts, left = {}, dict(readings)
    for file in rule_files(policy.sources):
        text = file.text
        for statement in reversed(file.statements):
            found = _row(statement)
            if found is None or found[0] not in left:
                continue
            name, *both = found
            reading = left.pop(name)
            if reading not in both:
                raise RulesError(f"{name}: no reading {reading!r}; there are: {', '.join(both)}")
            both.sort(key=lambda one: one != reading)
            text = f"{text[: statement.start]}{_CHOICE[0]}({name}, {', '.join(both)}).{text[statement.end :]}"
        texts[file.path.name] = text
    if left:
        raise RulesError(f"no choice {', '.join(map(repr, sorted(left)))}; there are: {', '.join(policy.choices)}")
    return with_files(policy, texts)


def _row(statement: Statement) -> tuple[str, ...] | None:
    """A choice, its default and the other reading, where a statement is the row that says so."""
    if _CHOICE not in statement.heads or statement.body:
        return None
    symbol = statement.node.head.atom.symbol
    return None if symbol.ast_type == ASTType.Pool else tuple(map(str, symbol.arguments))


def with_files(policy: Policy, texts: Mapping[str, str], limits: Limits | None = None) -> Policy:
    """A policy of these rule files, by name, with the catalogue and the words of another one.

    Without limits they are trusted as that policy is. Raises RulesError with places by file name.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_bytes(text.encode("utf-8", "surrogatepass"))  # what is no text is refused when read
        try:
            found = Policy(folder.glob("*.lp"), policy.catalogue, policy.vocabularies, limits=limits)
            found.folders = policy.folders
            if limits is None:
                found.edits_have_side_effects = policy.edits_have_side_effects
            else:
                found.check_names()
        except RulesError as error:
            raise RulesError(str(error).replace(f"{folder}/", "")) from None
    return found
