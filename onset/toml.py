"""TOML as people write it: a file read safely, a table that complains by name, a string written back.

Used by config.py and, for a device's own keys, by the adapters. Every complaint is one sentence with table and key, and
names the nearest key where one was mistyped.
"""

from __future__ import annotations

import os
import re
import stat
import string
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from onset.errors import ConfigError
from onset.text import safe_path, safe_text

CONFIG_NAME = "config.toml"
MAX_BYTES = 1 << 20

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_TYPE_NAMES = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}

T = TypeVar("T")
C = TypeVar("C", bound=str)


def toml_string(text: str) -> str:
    r"""`text` as a TOML basic string, quotes included.

    >>> print(toml_string('The "Blue" C:\\set\n'))
    "The \"Blue\" C:\\set\n"
    """
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    escaped = (escapes.get(c) or (c if c.isprintable() or ord(c) > 0x9F else f"\\u{ord(c):04x}") for c in text)
    return f'"{"".join(escaped)}"'


def read_toml(path: Path) -> str:
    """At most `MAX_BYTES` of a regular file; a FIFO or device in its place must not hang or fill us."""
    name = safe_path(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ConfigError(f"There is no {name}; bring it back from a backup or copy another production's.") from None
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}.") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ConfigError(f"{name} is not a file.")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}.") from None
    finally:
        os.close(descriptor)
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{name} is larger than 1 MiB, which no configuration is.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name} is not UTF-8 text (line {line}); save it as UTF-8.") from None


def seconds_of(text: str) -> float | None:
    """A duration as a person writes it, in seconds; None where it is none.

    >>> seconds_of("1.5 s"), seconds_of("10 min"), seconds_of("soon")
    (1.5, 600.0, None)
    """
    match = _DURATION.fullmatch(text.strip())
    return float(match[1]) * _SECONDS[match[2]] if match else None


class Table:
    """One table of the document: hands out checked values, names itself in every complaint."""

    def __init__(self, values: Mapping[str, object], title: str, known: Collection[str]) -> None:
        self._values = values
        self._title = title
        for key in values:
            if known and key not in known:
                self._unknown(key, known)

    def wrong(self, key: str, complaint: str) -> NoReturn:
        """Complain about a key."""
        where = f"{self._title} {safe_text(key)}" if self._title else f"[{key}]"
        raise ConfigError(_sentence(f"{where} {complaint}"))

    def table(self, key: str, known: str) -> Table:
        """The table of that name, empty when it is not there."""
        values = self._values.get(key, {})
        if not isinstance(values, dict):
            self.wrong(key, f"must be a table, not {shown(values)}")
        return Table(values, f"[{key}]", known.split())

    def tables(self, key: str) -> list[Table]:
        """The array of tables of that name; keys are left to the reader of one."""
        values = self._values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
            self.wrong(key, f"must be written [[{key}]], once for each {key}")
        return [Table(each, f"[[{key}]] number {number}", ()) for number, each in enumerate(values, 1)]

    def renamed(self, title: str) -> Table:
        """The same table under a title that a person recognises."""
        return Table(self._values, title, ())

    def only(self, known: Sequence[str]) -> None:
        """Refuse any other key."""
        for key in self._values:
            if key not in known:
                self._unknown(key, known)

    def rest(self, taken: Collection[str]) -> dict[str, object]:
        """Every key that is not in `taken`."""
        return {key: value for key, value in self._values.items() if key not in taken}

    def text(self, key: str, default: str | None = None) -> str:
        """One line of text; required when there is no default."""
        value = self._value(key, str, default)
        if not value.strip() and default is None:
            self.wrong(key, "must not be empty")
        if any(ord(c) < 0x20 or ord(c) == 0x7F for c in value):
            self.wrong(key, f"must be one line without control characters, not {shown(value)}")
        return value.strip()

    def choice(self, key: str, choices: Sequence[C], default: C | None = None) -> C:
        """One of `choices`."""
        value = self.text(key, default)
        for each in choices:
            if each == value:
                return each
        self.wrong(key, f"must be one of {listed(choices)}, not {shown(value)}{nearest(value, choices)}")

    def flag(self, key: str, default: bool) -> bool:
        """`true` or `false`."""
        return self._value(key, bool, default)

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within limits."""
        value = self._value(key, int, default)
        if not least <= value <= most:
            self.wrong(key, f"must be {least} to {most}, not {shown(value)}")
        return value

    def seconds(self, key: str, default: float, least: float, most: float) -> float:
        """A duration such as `"15 s"`, in seconds."""
        if key not in self._values:
            return default
        value = self._values[key]
        seconds = seconds_of(value) if isinstance(value, str) else None
        if seconds is None:
            self.wrong(key, f'must be a duration such as "15 s" or "10 min", not {shown(value)}')
        if not least <= seconds <= most:
            self.wrong(key, f"must be {least:g} s to {most:g} s, not {shown(value)}")
        return seconds

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of different, non-empty texts."""
        values = self._value(key, list, list(default))
        found: list[str] = []
        for value in values:
            if not isinstance(value, str) or not value.strip() or not value.isprintable():
                self.wrong(key, f"must be a list of texts; {shown(value)} is not one")
            if value in found:
                self.wrong(key, f"names {shown(value)} twice")
            found.append(value)
        return tuple(found)

    def path(self, key: str, base: Path, default: str | None = None) -> Path:
        """An absolute path; a relative one starts at the production, `~` at home."""
        return base / os.path.expanduser(self.text(key, default))

    def maybe_path(self, key: str, base: Path) -> Path | None:
        """As `path`; None where it is not given."""
        return self.path(key, base) if key in self else None

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def _value(self, key: str, kind: type[T], default: T | None) -> T:
        value = self._values.get(key, default)
        if value is None:
            self.wrong(key, "is missing")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.wrong(key, f"must be {_TYPE_NAMES[kind]}, not {shown(value)}")
        return value

    def _unknown(self, key: str, known: Collection[str]) -> NoReturn:
        where = f"{self._title} has no key" if self._title else "there is no table or key"
        hint = nearest(key, known) or f"; there are {listed(known)}"
        raise ConfigError(_sentence(f'{where} "{safe_text(key)}"{hint}'))


def _sentence(complaint: str) -> str:
    return f"{CONFIG_NAME}: {complaint}" + ("" if complaint.endswith("?") else ".")


def shown(value: object) -> str:
    """A value as the person wrote it, shortened, with its type when that may be the mistake."""
    if isinstance(value, str):
        return f'"{safe_text(value[:60])}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _TYPE_NAMES[type(value)]
    return safe_text(str(value)[:60])


def listed(names: Collection[str]) -> str:
    return ", ".join(names)


def nearest(word: str, known: Collection[str]) -> str:
    from difflib import get_close_matches  # only what is wrong needs it

    found = get_close_matches(word[:60].lower(), known, n=1, cutoff=0.6)
    return f'; did you mean "{found[0]}"?' if found else ""


def template_fields(table: Table, key: str, template: str, known: Sequence[str]) -> list[str]:
    """The fields of a template; refuses those that nobody knows."""
    try:
        fields = [(name, form) for _, name, form, _ in string.Formatter().parse(template) if name is not None]
    except ValueError:
        table.wrong(key, f"has a brace that is not closed: {shown(template)}")
    for each, form in fields:
        if each not in known or form:
            hint = nearest(each, known) or f"; there are {listed(known)}"
            table.wrong(key, f'has no field "{safe_text(each)}"{hint}')
    return [name for name, _ in fields]
