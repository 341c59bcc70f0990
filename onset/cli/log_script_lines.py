"""What the verbs of the script show a person, in 80 columns. `log.py` makes every line safe before it is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.note import Anchor, AnchoredNote
from onset.domain.scene import CameraSetup, Scene, Setup
from onset.domain.script import ScriptVersion
from onset.text import safe_text

WIDTH = 80


def cut_to_width(line: str) -> str:
    """A line of a table; what does not fit ends in `…`."""
    line = safe_text(line).rstrip()
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def wrapped(text: str, indent: str = "  ") -> list[str]:
    """A sentence or a list; goes on below, further in, where it is too long."""
    return textwrap.wrap(safe_text(text), WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")


def length_of(scene: Scene) -> str:
    """`1 4/8`, with `~` where a program estimated it."""
    if scene.eighths is None:
        return "?"
    return f"{'~' if scene.eighths_estimated else ''}{in_eighths(scene.eighths)}"


def scene_lines(scenes: Sequence[Scene]) -> list[str]:
    """A table, one line a scene."""
    if not scenes:
        return ["No scenes."]
    return [f"{'scene':<9} {'pages':>7} {'est.':>6} {'day':<4} heading", *map(_scene_line, scenes)]


def _scene_line(scene: Scene) -> str:
    estimate = in_screen_time(scene.estimate_s) if scene.estimate_s is not None else ""
    words = "OMITTED" if scene.omitted else heading_of(scene)
    return cut_to_width(f"{scene.label:<9} {length_of(scene):>7} {estimate:>6} {scene.story_day:<4} {words}")


def heading_of(scene: Scene) -> str:
    """As the script has it, or put together of what was typed."""
    place = " ".join(part for part in (scene.int_ext, scene.set) if part)
    return scene.heading or " - ".join(part for part in (place, scene.time_of_day) if part)


def whole_scene(scene: Scene) -> list[str]:
    """Everything about one scene."""
    return list(_whole_scene(scene))


def _whole_scene(scene: Scene) -> Iterator[str]:
    yield from wrapped(f"Scene {scene.label}  {heading_of(scene)}{'  OMITTED' * scene.omitted}", "")
    length = f"{length_of(scene)} pages" if scene.eighths is not None else ""
    estimate = f"should run {in_screen_time(scene.estimate_s)}" if scene.estimate_s is not None else ""
    story_day = f"story day {scene.story_day}" if scene.story_day else ""
    pages = f"page {scene.pages}" if scene.pages else ""
    said = [part for part in (length, pages, story_day, estimate) if part]
    if said:
        yield from wrapped(", ".join(said))
    if scene.characters:
        yield from wrapped(f"with {', '.join(scene.characters)}")
    if scene.rehearsal_ns is not None:
        yield f"  rehearsed in {in_screen_time(scene.rehearsal_ns // 1_000_000_000)}"
    if scene.note:
        yield from wrapped(scene.note)


def note_lines(notes: Sequence[AnchoredNote]) -> list[str]:
    """Notes with what they are about, each as long as it is."""
    lines: list[str] = []
    for one in notes:
        day = f"day {one.day}, " if one.day is not None else ""
        at = f" {one.note.tc}" if one.note.tc and one.anchor is Anchor.TAKE else ""
        what = "" if one.anchor in (Anchor.TAKE, Anchor.MOMENT) else f"{one.anchor} "
        said = f": {one.note.text}" if one.note.text else ""
        kind = " mark" if one.note.mark else ""
        lines += wrapped(f"{what}{one.about}{at}{kind}{said} ({day}{one.note.author}, {one.note.audience})", "")
    return lines or ["No notes."]


def notes_below(notes: Sequence[AnchoredNote]) -> list[str]:
    """Notes on the thing that stands above them."""
    return [line for one in notes for line in wrapped(f"note {one.note.text} ({one.note.author}, {one.note.audience})")]


def version_lines(versions: Sequence[ScriptVersion]) -> list[str]:
    """A line a version, as they came in."""
    if not versions:
        return ["No script was taken in."]
    lines = []
    for one in versions:
        came = f"{datetime.fromtimestamp(one.wall_ns // 1_000_000_000).astimezone():%Y-%m-%d %H:%M}"
        of = f"{one.episode}: " if one.episode else ""
        said = ", ".join(part for part in (one.colour, one.date, one.file) if part)
        lines.append(cut_to_width(f"{came}  {of}{one.name}{f' ({said})' if said else ''}"))
    return lines


def setup_lines(setups: Sequence[Setup]) -> list[str]:
    """A table, one line a setup."""
    if not setups:
        return ["No setups."]
    return [f"{'slate':<14} {'scene':<9} {'':<7} {'size':<6} description", *map(_setup_line, setups)]


def _setup_line(setup: Setup) -> str:
    state = "shot" if setup.shot else "planned" if setup.planned else ""
    flags = [word for word, so in (("VFX", setup.vfx), ("MOS", setup.mos)) if so]
    words = "; ".join([*flags, *(text for text in (setup.description, setup.name if setup.slate else "") if text)])
    return cut_to_width(f"{setup.label:<14} {setup.scene:<9} {state:<7} {setup.size:<6} {words}")


def whole_setup(setup: Setup) -> list[str]:
    """Everything about one setup."""
    return list(_whole_setup(setup))


def _whole_setup(setup: Setup) -> Iterator[str]:
    state = "shot" if setup.shot else "planned" if setup.planned else "not shot"
    yield from wrapped(f"Setup {setup.label}, scene {setup.scene}, {state}", "")
    called = f'planned as "{setup.name}"' if setup.name and setup.slate else ""
    day = f"for day {setup.planned_day}" if setup.planned_day is not None else ""
    yield from wrapped(", ".join(part for part in (called, day, setup.unit) if part))
    yield from wrapped(", ".join(part for part in (setup.size, setup.description) if part))
    if setup.begins or setup.ends:
        yield from wrapped(f"from {setup.begins or '?'} to {setup.ends or '?'}")
    if setup.characters:
        yield from wrapped(f"on camera {', '.join(setup.characters)}")
    for word, so, note in (("VFX", setup.vfx, setup.vfx_note), ("MOS", setup.mos, setup.sound_note)):
        if so or note:
            yield from wrapped(": ".join(part for part in (word if so else "", note) if part))
    for text in (setup.note, f"storyboard {setup.storyboard}" if setup.storyboard else ""):
        yield from wrapped(text)
    for camera in setup.cameras:
        yield from wrapped(f"camera {camera.camera}: {', '.join(_camera(camera)) or 'nothing said'}")


def _camera(camera: CameraSetup) -> Iterator[str]:
    yield from (text for text in (camera.size, camera.description, camera.lens) if text)
    if camera.characters:
        yield f"on {' and '.join(camera.characters)}"
    named = ("height", "tilt", "filters", "stop", "iso", "shutter", "white_balance", "tint", "fps", "focus", "nd")
    for name in (*named, "rig", "operator"):
        value = getattr(camera, name)
        if value:
            yield f"{name.replace('_', ' ')} {value}"
