"""The words of rules by their kind, for colours: comments, texts, numbers, variables, predicates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, _TokenType

from reasoner.render.source import Mark


class RuleLexer(RegexLexer):
    """The part of clingo's language that rule files are written in."""

    name = "rules"
    tokens: ClassVar = {
        "root": [
            (r"\s+", Text),
            (r"%\*(.|\n)*?\*%", Comment),
            (r"%.*", Comment),
            (r'"(\\.|[^"\\\n])*"', String),
            (r"#\w+", Keyword),
            (r"not\b", Keyword),
            (r"\d+", Number),
            (r"_*[A-Z][\w']*|_\b", Name.Variable),
            (r"_*[a-z][\w']*(?=\()", Name.Function),
            (r"_*[a-z][\w']*", Name.Constant),
            (r":-|\.\.|[<>=!]=?|[-+*/\\&|^~@?]", Operator),
            (r"[().,;:{}\[\]]", Punctuation),
            (r".", Text),
        ]
    }


_CLASSES: dict[_TokenType, str] = {
    Comment: "comment", String: "text", Keyword: "keyword", Number: "number", Name.Variable: "variable",
    Name.Function: "predicate",
}  # fmt: skip


def words_of(text: str) -> Iterator[Mark]:
    """The words of a rule file that have a colour of their own."""
    for start, kind, word in RuleLexer(ensurenl=False, stripnl=False).get_tokens_unprocessed(text):
        if kind in _CLASSES and word:
            yield Mark(start, start + len(word), _CLASSES[kind])
