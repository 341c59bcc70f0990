"""What a field of the log is; the tables of fields, `entities_*.py`, are written with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial


class Type(StrEnum):
    """What a field holds."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"  # 0 or 1
    REF = "ref"  # the id of another entity: 32 hex digits above the engine, 16 bytes within


class Form(StrEnum):
    """How people write what a field holds."""

    PLAIN = "plain"
    EIGHTHS = "eighths"  # 1 4/8; kept as a number of eighths
    SCREEN_TIME = "screen time"  # 1:20; kept as seconds
    NAMES = "names"  # MARA, TOM; kept as a JSON list
    MOMENT = "moment"  # 11-26 13:05:00 on this machine's clock; kept as nanoseconds UTC


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        choices: the texts it may hold; empty: any.
        searched: full-text search finds its words; of a flag that is set, its name.
        indexed: verbs look things up by it.
        open: a person may set it directly (`set_take` and its like).
        least: of a number; `most` likewise.
        form: how people write it.
    """

    name: str
    type: Type = Type.TEXT
    choices: tuple[str, ...] = ()
    searched: bool = False
    indexed: bool = False
    open: bool = False
    needed: bool = False
    least: int | None = None
    most: int | None = None
    form: Form = Form.PLAIN


def of_type(kind: Type) -> Callable[..., Field]:
    return partial(Field, type=kind)


text, integer, flag = (of_type(kind) for kind in (Type.TEXT, Type.INTEGER, Type.FLAG))


def moment(name: str, *, open: bool = False) -> Field:
    """A moment on the wall clock."""
    return integer(name, open=open, form=Form.MOMENT)


def ref(name: str) -> Field:
    return Field(name, Type.REF)


def said(names: str, *, searched: bool = False) -> tuple[Field, ...]:
    """Texts that a person may set."""
    return tuple(text(name, open=True, searched=searched) for name in names.split())


def names(name: str, *, searched: bool = False) -> Field:
    """A list of names that a person may set."""
    return text(name, open=True, form=Form.NAMES, searched=searched)


def eighths() -> Field:
    """A length in pages that a person may set."""
    return integer("eighths", open=True, least=0, most=9_999, form=Form.EIGHTHS)


def screen_time(name: str) -> Field:
    """Seconds of screen time that a person may set."""
    return integer(name, open=True, least=0, most=86_400, form=Form.SCREEN_TIME)


def choice(name: str, kind: type[StrEnum], *, open: bool = True, indexed: bool = False) -> Field:
    return Field(name, Type.TEXT, tuple(str(member) for member in kind), open=open, indexed=indexed, needed=True)
