"""Where `onset offload` copies to: paths, targets of the configuration by name, and presets.

Used by `onset offload`. What a folder template needs of the log (unit, shooting day, its date) is looked up here, so
that the job itself needs no production.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import ConfigError, UsageError
from onset.text import safe_text
from onset.toml import listed, nearest

if TYPE_CHECKING:
    from onset.config import Config
    from onset.mhl.records import Author
    from onset.offload.place import Later, Target
    from onset.targets import OffloadConfig, PresetConfig

_DATED = ("{day}", "{unit}", "{date}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, after the command line, the preset and the configuration, in this order.

    Attributes:
        signed: who copies, and where, for the manifests.
        then: what is filled from a copy afterwards.
    """

    targets: tuple[Target, ...]
    hashes: tuple[str, ...]
    source_check: str
    copies: int
    signed: tuple[tuple[Author, ...], str | None] = ((), None)
    then: tuple[Later, ...] = ()


def asked_of(args: argparse.Namespace, production: Path | None, card: Path) -> Asked:
    """Put together what a card is copied to, and how.

    Raises:
        UsageError: no such target or preset, none given, or no production that could have them.
        ConfigError: the configuration is wrong.
        RefusedError: no such unit or day.
    """
    from onset.cli.find import load_config
    from onset.offload.place import Target
    from onset.targets import OffloadConfig, PresetConfig

    if production is None and (args.to or args.preset):
        option = "--to names targets" if args.to else "--preset names a preset"
        raise UsageError(f"{option} of a production's config.toml; go into one or give -p DIR.")
    config = load_config(production) if production is not None else None
    preset = _preset(config, args.preset) if config is not None and args.preset else PresetConfig("")
    targets = [Target(Path(os.path.abspath(path)), folder_of(card)) for path in args.targets]
    names = _parts(args.to) if args.to else preset.targets
    if config is not None and production is not None and names:
        targets += _named(args, config, production, card, names)
    if not targets:
        raise UsageError("No target was given; name a folder to copy to, or --to NAME.")
    wanted = _parts(args.then) if args.then else () if args.to else preset.then
    afterwards = _afterwards(args, config, production, card, wanted)
    targets, then = staged(targets, afterwards, {each.name: each.after for each in config.targets} if config else {})
    offload = config.offload if config is not None else OffloadConfig()
    hashes = tuple(name.strip() for name in args.hash.split(",")) if args.hash else preset.hashes or offload.hashes
    source_check = args.source_check or preset.source_check or "reread"
    copies = preset.copies or offload.copies
    return Asked(tuple(targets), hashes, source_check, copies, signed_by(offload), tuple(then))


def _parts(names: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in names.split(","))


def _afterwards(
    args: argparse.Namespace, config: Config | None, production: Path | None, card: Path, wanted: tuple[str, ...]
) -> list[Target]:
    """What `--then` names: targets of the configuration, or paths."""
    from onset.offload.place import Target

    found: list[Target] = []
    for name in wanted:
        if config is not None and production is not None and config.target(name) is not None:
            found += _named(args, config, production, card, (name,))
        elif os.sep in name:
            found.append(Target(Path(os.path.abspath(name)), folder_of(card)))
        elif config is None:
            raise UsageError(
                f'--then "{safe_text(name)}" names a target of a config.toml; go into a production, give -p DIR, or '
                "give a path."
            )
        else:
            there = ", ".join(safe_text(each.name) for each in config.targets) or "none"
            raise UsageError(
                f'config.toml has no [[target]] "{safe_text(name)}" for --then; it has: {there}. A path has a slash.'
            )
    return found


def staged(
    targets: Sequence[Target], afterwards: Sequence[Target], after: Mapping[str, str | None]
) -> tuple[list[Target], list[Later]]:
    """Tell the targets that are copied from the card from those that are filled from a copy.

    Args:
        targets: named by `--to` or as paths; of these, one that comes after another one of them waits for it.
        afterwards: named by `--then`; they are filled from the first target, or from the one that they come after.
        after: name of a target to the one that it comes after, in the configuration, without circles.

    Returns:
        The first, and the others in an order in which each finds its copy made.
    """
    from onset.offload.place import Later

    first = [each for each in targets if _before(each, targets, after) is None]
    waiting = [(each, _before(each, targets, after)) for each in targets if each not in first]
    waiting += [(each, _before(each, (*targets, *afterwards), after)) for each in afterwards]
    order, later = list(first), list[Later]()
    while waiting:
        each, before = next((each, before) for each, before in waiting if before is None or before in order)
        waiting.remove((each, before))
        later.append(Later(each, order.index(before) if before is not None else 0))
        order.append(each)
    return first, later


def _before(target: Target, asked: Sequence[Target], after: Mapping[str, str | None]) -> Target | None:
    """The nearest target before this one that is asked for, too."""
    by_name = {each.name: each for each in asked if each.name is not None}
    name = after.get(target.name or "")
    while name is not None and name not in by_name:
        name = after.get(name)
    return by_name[name] if name is not None else None


def signed_by(offload: OffloadConfig) -> tuple[tuple[Author, ...], str | None]:
    """Who copies and where, as manifests say it."""
    from onset.mhl.records import Author

    rest = (offload.email or None, offload.phone or None, offload.role or None)
    authors = (Author(offload.author, *rest),) if offload.author else ()
    return authors, offload.location or None


def folder_of(card: Path) -> str:
    """What the card's folder is called."""
    return Path(os.path.realpath(card)).name or "card"


def _preset(config: Config, name: str) -> PresetConfig:
    preset = config.preset(name)
    if preset is None:
        names = [each.name for each in config.offload.presets]
        hint = nearest(name, names) or f"; it has: {safe_text(listed(names)) or 'none'}."
        raise UsageError(f"config.toml has no [offload.preset.{safe_text(name)}]{hint}")
    return preset


def _named(
    args: argparse.Namespace, config: Config, production: Path, card: Path, names: tuple[str, ...]
) -> list[Target]:
    """Targets of the configuration. Their folder templates are filled with what the command knows."""
    from onset.offload.place import Target
    from onset.offload.template import counted, fill

    templates = [target.folder for target in config.targets if target.name in names]
    known = _of_log(args, production, card) if any(field in each for each in templates for field in _DATED) else {}
    label = args.label or folder_of(card)
    found = []
    for name in names:
        target = config.target(name)
        if target is None:
            there = ", ".join(each.name for each in config.targets) or "none"
            raise UsageError(f'config.toml has no [[target]] "{safe_text(name)}"; it has: {there}.')
        filling = (target.folder, config.production.title, label, SystemClock().wall_ns(), known)
        where = fill(*filling)
        if not where:
            raise ConfigError(
                f'[[target]] "{name}": folder = "{safe_text(target.folder)}" comes to nothing for this card; give the '
                "card another --label, or the folder a fixed part."
            )
        found.append(
            Target(
                target.path,
                where,
                target.name,
                target.disk,
                target.volume,
                target.removable,
                counted(*filling),
                target.at_once,
            )
        )
    return found


def _of_log(args: argparse.Namespace, production: Path, card: Path) -> dict[str, str]:
    """The fields of a folder template that only the log knows: the card's unit, shooting day and the day's date.

    The card's dates decide as they do when it is put into the log, and the date is the shooting day's: a night's cards
    go to one folder, and a job that is gone on with after midnight goes on where it was.
    """
    from onset.cli.find import open_logbook
    from onset.offload.card import list_card
    from onset.offload.which_card import day_of_footage, iso_day, shot_on
    from onset.reel import date_in

    entries = list_card(card).files.values() if card.is_dir() else ()  # else refused in a moment, by its name
    named = [date for each in entries if (date := date_in(each.path.rpartition("/")[2]))]
    files = [iso_day(each.mtime_ns) for each in entries]
    logbook = open_logbook(production, role="dit")
    try:
        label = args.label or folder_of(card)
        shot = shot_on(logbook, label, named=named, files=files, unit=args.unit, day=args.day)
        if args.day is None:
            today = iso_day(SystemClock().wall_ns())
            shot = day_of_footage(logbook, shot, (named, files), today=today, dry_run=True)
        dates = {day.number: day.date for day in logbook.days(shot.unit)}
    finally:
        logbook.close()
    known = {"unit": shot.unit, "day": str(shot.day or 1)}
    date = dates.get(shot.day or 0)
    return known | {"date": date} if date else known
