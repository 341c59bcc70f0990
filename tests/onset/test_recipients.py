"""A recipient who is mistyped gets nothing, or what another was to get."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.cli.new import config_text
from onset.cli.wrap_papers import recipients_of
from onset.config import parse_config
from onset.errors import ConfigError
from onset.recipients import Recipient

PLAIN = config_text("Harbour", "25", "us")


def recipients(more: str) -> tuple[Recipient, ...]:
    return parse_config(f"{PLAIN}\n{more}", Path("/production")).recipients


def test_recipient_gets_another_than_what_is_written() -> None:
    one, other = recipients(
        """
[[recipient]]
name = "Cutting room"
reports = ["editor", "sound"]
exports = ["ale"]
formats = ["pdf", "html"]
paper = "letter"
zip = true
log = true

[[recipient]]
name = "production"
reports = ["progress"]
at = ["lunch", "wrap"]
"""
    )
    assert one == Recipient(
        "Cutting room", ("editor", "sound"), ("ale",), ("pdf", "html"), "letter", zip=True, log=True, at=("wrap",)
    )
    assert one.folder == "Cutting_room"
    assert recipients_of((one, other), "wrap") == (one, other)
    assert recipients_of((one, other), "lunch") == (other,)
    assert [each.name for each in recipients_of((one, other), "first-shot")] == ["production"]
    assert recipients_of((other,), "first-shot")[0].reports == ("progress",)
    assert [each.name for each in recipients_of((), "wrap")] == ["everyone"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('name = "x"', "reports must name at least one"),
        ('reports = ["editor"]', '"name"'),
        ('name = "../.."\nreports = ["editor"]', "a letter or a digit among them"),
        ('name = "x"\nreport = ["editor"]', 'did you mean "reports"?'),
        ('name = "x"\nreports = ["editor", "editor"]', 'names "editor" twice'),
        ('name = "x"\nreports = ["editor"]\nat = ["luch"]', 'did you mean "lunch"?'),
        ('name = "x"\nreports = ["editor"]\nformats = []', "must name at least one"),
        ('name = "x"\nreports = ["editor"]\npaper = "a5"', "must be one of a4, letter"),
        (
            'name = "x"\nlog = true\n[[recipient]]\nname = "X"\nlog = true',
            'would have the place X, which is that of "x"',
        ),
        ('name = "a b"\nlog = true\n[[recipient]]\nname = "a/b"\nlog = true', "would have the place a_b"),
        ('name = "Readme.TXT"\nlog = true', "which is no recipient's"),
        ('name = "x"\nlog = true\nzip = true\n[[recipient]]\nname = "x.zip"\nlog = true', "would have the place x.zip"),
    ],
)
def test_wrong_recipient_is_taken(lines: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        recipients(f"[[recipient]]\n{lines}")
    assert said.replace('"name"', "name") in str(refused.value)
    assert "recipient" in str(refused.value)


@pytest.mark.parametrize(
    ("key", "name", "said"),
    [
        ("reports", "camra", 'did you mean "camera"?'),
        ("exports", "alle", 'did you mean "ale"?'),
        ("exports", "zzz", "there are ale"),
    ],
)
def test_report_that_there_is_not_is_promised(key: str, name: str, said: str) -> None:
    (one,) = recipients(f'[[recipient]]\nname = "x"\n{key} = ["{name}"]')
    with pytest.raises(ConfigError) as refused:
        recipients_of((one,), "wrap")
    assert f'[[recipient]] "x" {key} names "{name}", which there is not' in str(refused.value)
    assert said in str(refused.value)
