"""The editor's log as plain text, for a terminal, a mail or a printer that knows nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from onset.reports.editor import EditorLog, SetupBlock, TakeLine

MARKER = "onset editor log"
_WIDTH = 100


def editor_text(log: EditorLog) -> bytes:
    """Lay the log out in lines, UTF-8; a circled take's number stands in parentheses, as scripts write it."""
    return ("\n".join(_lines(log)) + "\n").encode("utf-8", "backslashreplace")


def _lines(log: EditorLog) -> Iterator[str]:
    yield f"{log.title} - {MARKER}"
    yield f"Day {log.day}, {log.date}, {log.unit} unit, TC at {log.rate} fps"
    for what, name in log.names:
        yield f"{what}: {name}"
    for warning in log.warnings:
        yield f"! {warning}"
    yield ""
    yield ", ".join(f"{label} {value}" for label, value in log.facts)
    for block in log.blocks:
        yield ""
        yield from _block(block)
    yield ""
    yield "(3) circled take, ~ no action stamped: timed from roll to cut, > mark"


def _block(block: SetupBlock) -> Iterator[str]:
    known = [f"Scene {block.scene}" if block.scene else "", block.heading, block.description, block.size]
    extra = ["VFX"] if block.vfx else []
    yield " | ".join([block.slate + (" (again)" if block.again else ""), *filter(None, known), *extra])
    cameras = "; ".join(f"{each.camera} {each.lens}".rstrip() for each in block.cameras)
    if cameras:
        yield f"  {cameras}"
    for take in block.takes:
        yield from _take(take)


def _take(take: TakeLine) -> Iterator[str]:
    number = f"({take.number})" if take.circled else f" {take.number} "
    status = ", ".join([*([take.status] if take.status else []), *take.flags])
    tc = f"{take.tc_in} {take.tc_note}".strip()
    yield f"  {number:<7} {take.timing:>7}  {tc:<22}  {status}".rstrip()
    rolls = ", ".join([*take.camera_rolls, *(f"sound {roll}" for roll in take.sound_rolls)])
    for text in filter(None, (rolls, ", ".join(take.clips))):
        yield from _wrapped(text)
    for comment in take.comments:
        for line in comment.replace("▸", ">").split("\n"):
            yield from _wrapped(line)
    if take.tags:
        yield from _wrapped(" ".join(f"#{tag}" for tag in take.tags))


def _wrapped(text: str) -> list[str]:
    indent = " " * 10
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent) or [indent.rstrip()]
