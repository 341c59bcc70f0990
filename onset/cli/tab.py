"""What the Tab key offers: commands, verbs and options from the parsers; takes, slates, names from the production here.

The shell runs `onset` with `_ARGCOMPLETE` in its environment (main.py hands over to here). Whatever goes wrong, nothing
is offered and nothing is said: a shell is no place for our errors. argcomplete does the shells' part.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from argcomplete.completers import DirectoriesCompleter, FilesCompleter, SuppressCompleter
from argcomplete.finders import CompletionFinder
from argcomplete.lexers import split_line
from argcomplete.shell_integration import shellcode

if TYPE_CHECKING:
    from logging_db.glance import Glance
    from onset.cli.main import CommandParser
    from onset.config import Config

SHELLS = ("bash", "zsh", "fish")
_FILES = ("DIR", "FILE", "PATH", "CARD", "REPORT", "OLD", "NEW", "DEST")  # how arguments are called that name files


def script_for(shell: str) -> str:
    """The shell's side of it."""
    made: str = shellcode(["onset"], shell=shell)
    return made


def complete(parser_of: Callable[[str | None], CommandParser], commands: Sequence[str]) -> NoReturn:
    """Answer the shell and end this process.

    Args:
        parser_of: describes one command; None: all, by name only.
        commands: their names.
    """
    try:
        before = os.fsencode(os.environ.get("COMP_LINE", ""))[: int(os.environ.get("COMP_POINT", "0"))]  # in bytes
        _, _, _, words, _ = split_line(os.fsdecode(before))
        parser = parser_of(_chosen(words[1:], commands))
        _offer(parser)
        _Finder()(parser, always_complete_options=False, default_completer=SuppressCompleter())
    except Exception:  # whatever it is, a Tab offers nothing and prints nothing into the line that is typed
        pass
    os._exit(1)  # argcomplete ends the process itself where it could answer


class _Finder(CompletionFinder):
    """Knows that words may go on after an option, as in `onset offload CARD --json PATH` (main.py)."""

    def collect_completions(
        self, active_parsers: list[argparse.ArgumentParser], parsed_args: argparse.Namespace, cword_prefix: str
    ) -> list[str]:
        here = active_parsers[-1]
        active: list[argparse.Action] = getattr(here, "active_actions", [])  # argcomplete's: what the word may be
        many = [each for each in here._actions if not each.option_strings and each.nargs in ("*", "+")]  # noqa: SLF001
        if not active:
            active += many[-1:]
        return super().collect_completions(active_parsers, parsed_args, cword_prefix)


def _chosen(words: Sequence[str], commands: Sequence[str]) -> str | None:
    """The command that stands before the cursor, behind `-p DIR` and the like."""
    place = 0
    while place < len(words) and words[place].startswith("-"):
        place += 2 if words[place] in ("-p", "--production") else 1
    return words[place] if place < len(words) and words[place] in commands else None


def _offer(parser: argparse.ArgumentParser) -> None:
    """Say of every argument of a parser, and of its verbs, where its values come from."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to ask for them
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for below in set(action.choices.values()):
                _offer(below)
        elif action.nargs != 0 and not action.choices:
            found = _completer(parser, action)
            if found is not None:
                action.completer = found  # type: ignore[attr-defined]  # where argcomplete looks for it


def _completer(parser: argparse.ArgumentParser, action: argparse.Action) -> object | None:
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    verb = parser.prog.rpartition(" ")[2]
    if action.dest in _CONFIGURED:
        return _FromConfig(_CONFIGURED[action.dest])
    for name in (f"{verb} {metavar}", metavar, action.dest):
        if name in _LABELS:
            return _FromLog(_LABELS[name])
    if metavar == "JOB":
        return _jobs
    if action.dest == "fields":
        return _Fields(_SETS.get(verb, verb))
    if metavar.startswith(_FILES):
        return DirectoriesCompleter() if metavar in ("DIR", "DEST") else FilesCompleter()
    return None


def _jobs(*, prefix: str, **_: object) -> list[str]:
    """Labels of the jobs that live on this machine."""
    try:
        from onset.offload.journal import jobs_folder
        from onset.offload.queue import standings

        return [each.label for each in standings(jobs_folder(os.environ)) if each.label.isprintable()]
    except Exception:  # whatever it is, a Tab offers nothing
        return []


# -- from the log -----------------------------------------------------------------------------------------------------

_Asked = Callable[["Glance", str], list[str]]


# How an argument is called in the help (for one verb alone with the verb before it), or where its value goes.
_LABELS: dict[str, _Asked] = {
    "TAKE": lambda log, beginning: [*log.takes(beginning), "last"],
    "restore TAKE": lambda log, _: log.deleted_takes(),
    "card CARD": lambda log, _: log.cards(),
    "SLATE": lambda log, _: log.slates(),
    "SLATE | FIELD=VALUE": lambda log, beginning: [*log.slates(), *_fields("setup", beginning)],
    "slate": lambda log, _: log.slates(),
    "scene": lambda log, _: log.scenes(),
    "CAMERA": lambda log, _: log.cameras(),
    "LABEL": lambda log, _: log.rolls(),
    "stamp WHAT": lambda _, __: _moments(),
    "STATUS": lambda _, __: ["none", "circled", "hold", "ng"],
    "WHO": lambda log, _: log.people(),
    "person NAME": lambda log, _: log.people(),
    "unit NAME": lambda log, _: log.units(),
    "N | FIELD=VALUE": lambda log, beginning: [*log.days(), *_fields("day", beginning)],
    "SCENE": lambda log, _: log.scenes(),
    "episode": lambda log, _: log.episodes(),
    "unit": lambda log, _: log.units(),
    "UNIT": lambda log, _: log.units(),
    "day": lambda log, _: log.days(),
    "TAG": lambda log, _: log.tags(),
    "CHARACTER": lambda log, _: log.characters(),
    "CHARACTER/SCENE": lambda log, _: log.looks(),
    "story_day": lambda log, _: log.story_days(),
    "STILL": lambda log, _: log.stills(),
    "CLIP": lambda log, _: log.files(),
    "X=on|off": lambda log, _: [f"{camera}={how}" for camera in log.cameras() for how in ("on", "off")],
    "X=LABEL": lambda log, _: [f"{camera}=" for camera in log.cameras()],
}


def _moments() -> list[str]:
    from onset.domain.production import Moment

    return [str(moment) for moment in Moment]


class _FromLog:
    """Labels of the log of the production here."""

    def __init__(self, wanted: _Asked) -> None:
        self._wanted = wanted

    def __call__(self, *, prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
        from onset.cli.find import LOG_NAME, production_if_any

        try:
            from logging_db.glance import glance

            folder = production_if_any(_named(parsed_args))
            if folder is None:
                return []
            with glance(folder / LOG_NAME) as log:
                return [label for label in self._wanted(log, prefix) if label.isprintable()]
        except Exception:  # a log or a configuration that cannot be read offers nothing
            return []


def _named(args: argparse.Namespace) -> argparse.Namespace:
    return argparse.Namespace(production=getattr(args, "production", None))


# -- from the configuration and the tables ----------------------------------------------------------------------------


def _devices(config: Config) -> list[str]:
    return [device.name for device in config.devices]


def _targets(config: Config) -> list[str]:
    return [target.name for target in config.targets]


def _presets(config: Config) -> list[str]:
    return [each.name for each in config.offload.presets]


_CONFIGURED: dict[str, Callable[[Config], list[str]]] = {
    "device": _devices,
    "to": _targets,
    "then": _targets,
    "preset": _presets,
}


class _FromConfig:
    """Names of the configuration of the production here."""

    def __init__(self, wanted: Callable[[Config], list[str]]) -> None:
        self._wanted = wanted

    def __call__(self, *, prefix: str, parsed_args: argparse.Namespace, **_: object) -> list[str]:
        try:
            from onset.cli.find import load_config, production_if_any

            folder = production_if_any(_named(parsed_args))
            names = [] if folder is None else self._wanted(load_config(folder))
        except Exception:  # a log or a configuration that cannot be read offers nothing
            return []
        before, comma, _rest = prefix.rpartition(",")  # --to shuttle,raid
        return [f"{before}{comma}{name}" for name in names]


_SETS = {"set": "take", "add": "take", "rolls": "roll"}  # verbs that are not called like what they set


class _Fields:
    """`status=`, then its values: fields of what a verb of `onset log` sets."""

    def __init__(self, entity: str) -> None:
        self._entity = entity

    def __call__(self, *, prefix: str, **_: object) -> list[str]:
        return _fields(self._entity, prefix)


def _fields(entity: str, beginning: str) -> list[str]:
    """Fields that a person may set; behind a field's `=` what it may hold."""
    from onset.logbook.entities import ENTITIES

    fields = [field for field in ENTITIES.get(entity, ()) if field.open]
    name, equals, _typed = beginning.partition("=")
    chosen = [field for field in fields if equals and field.name == name]
    if chosen:
        return [f"{name}={value}" for value in chosen[0].choices]
    return [f"{field.name}=" for field in fields]
