"""The help of each verb of `onset log`: examples of that verb, as wide as a terminal."""

from __future__ import annotations

import re

import pytest

from onset.cli import log
from onset.cli.log_examples import all_examples
from onset.cli.main import CommandParser, main


def _help(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["log", *words, "--help"]) == 0
    return capsys.readouterr().out


def _verbs(capsys: pytest.CaptureFixture[str]) -> list[str]:
    listed = _help(capsys).partition("  VERB\n")[2].partition("\n\n")[0]
    return re.findall(r"^ {4}(\S+)", listed, flags=re.MULTILINE)


def _examples(text: str) -> list[str]:
    return text.partition("examples:\n")[2].partition("\n\n")[0].splitlines()


def test_the_help_of_a_verb_shows_other_verbs_only(capsys: pytest.CaptureFixture[str]) -> None:
    verbs = _verbs(capsys)
    assert {"roll", "undo", "resolve", "move-roll"} <= set(verbs)
    for verb in verbs:
        for line in _examples(_help(capsys, verb)) or [""]:
            assert re.search(rf"onset log {verb}( |;|$)", line), f"{verb}: {line!r}"


def test_a_verb_asked_for_alone_is_described_differently(capsys: pytest.CaptureFixture[str]) -> None:
    def described(asked: str) -> dict[str, str]:
        subparsers = CommandParser(prog="onset").add_subparsers()
        log.add_parser(subparsers, asked)
        [verbs] = [each for each in subparsers.choices["log"]._actions if each.dest == "verb"]
        assert isinstance(verbs.choices, dict)
        return {name: parser.format_help() for name, parser in verbs.choices.items()}

    everything = described("")
    assert list(everything) == _verbs(capsys)
    for verb, text in everything.items():
        assert described(verb) == {verb: text}
    assert described("rol") == everything  # for the nearest name


def test_an_example_runs_over_the_edge_of_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [*_examples(all_examples())]
    for verb in _verbs(capsys):
        lines += _examples(_help(capsys, verb))
    assert [line for line in lines if len(line) > 80] == []


def test_an_example_names_an_option_that_its_verb_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in _verbs(capsys):
        shown = _help(capsys, verb)
        for line in _examples(shown):
            for command in line.split(";"):
                if command.split()[:3] == ["onset", "log", verb]:
                    known = shown.partition("examples:")[0]
                    assert [option for option in re.findall(r" (--[a-z-]+)", command) if option not in known] == []
