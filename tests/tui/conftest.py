"""These tests keep what they make in memory, and share what Textual has read out of a stylesheet."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenizer import Token
from textual.css.types import CSSLocation

from tests.in_memory import disk, memory, tmp_path

__all__ = ["disk", "memory", "tmp_path"]


@pytest.fixture(scope="session", autouse=True)
def _sheets_are_read_once() -> Iterator[None]:
    """Textual reads every sheet three times in each app that starts, a quarter of what the start of one costs.

    Rules are the same for the same text and variables, and nobody changes them: a sheet shares them with itself too.
    """
    known: dict[object, list[RuleSet]] = {}

    def read(
        scope: str,
        css: str,
        read_from: CSSLocation,
        *,
        variable_tokens: dict[str, list[Token]],
        is_default_rules: bool,
        tie_breaker: int,
    ) -> list[RuleSet]:
        variables = tuple((name, *(token.value for token in tokens)) for name, tokens in variable_tokens.items())
        sheet = (scope, css, read_from, variables, is_default_rules, tie_breaker)
        if sheet not in known:
            known[sheet] = list(
                parse(
                    scope,
                    css,
                    read_from,
                    variable_tokens=variable_tokens,
                    is_default_rules=is_default_rules,
                    tie_breaker=tie_breaker,
                )
            )
        return known[sheet]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stylesheet, "parse", read)
        yield


@pytest.fixture
def nothing_else_is_collected() -> Iterator[None]:
    """For a watched loop: what other tests left is not its to look through; in the program most of that is frozen."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
