"""Opens a clip in the person's own player: the one joined with its sound where there is one, at the first mark.

Used by the Review screen. The player is a process of its own; the app neither waits for it nor ends it.
"""

from __future__ import annotations

import shlex
import subprocess
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

from onset.domain.camera import Clip
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.errors import OnsetError, RefusedError, TimecodeError
from onset.text import safe_path, safe_text
from onset.timecode import Timecode, rate
from tui.hand import Hand


async def play(hand: Hand, take_id: str | None, media_id: str, say: Callable[[str, bool], None]) -> None:
    """Open a file of a take; `say` gets what was opened, or why nothing was, and whether that is an alarm."""
    try:
        take = await hand.desk.read(lambda log: None if take_id is None else log.take(take_id))
        command, shown = player_command(hand.deps.config.screen.player, take, media_id, hand.deps.production)
        _run(command)
    except OnsetError as error:
        say(str(error), not isinstance(error, RefusedError))
    except OSError as error:
        say(f"The player cannot be started: {error.strerror}; see player in [screen] of config.toml.", True)
    else:
        say(f"{shown} opens in the player.", False)


def view(viewer: str, path: Path, say: Callable[[str, bool], None]) -> None:
    """Open a report's PDF with `[screen] viewer`; `say` gets the same."""
    shown = safe_path(path)
    if not viewer:
        say(f'{shown} is written; viewer = "zathura {{path}}" in [screen] of config.toml would open it.', False)
        return
    try:
        words = shlex.split(viewer if "{path}" in viewer else f"{viewer} {{path}}")
        _run([word.replace("{path}", str(path.absolute())) for word in words])
    except ValueError:
        say(f'viewer in [screen] of config.toml cannot be read: "{safe_text(viewer)}".', True)
    except OSError as error:
        say(f"The viewer cannot be started: {error.strerror}; see viewer in [screen] of config.toml.", True)
    else:
        say(f"{shown} opens in the viewer.", False)


def _run(command: Sequence[str]) -> None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=process.wait, name="player", daemon=True).start()


def player_command(player: str, take: Take | None, media_id: str, folder: Path) -> tuple[list[str], str]:
    """The program with its arguments, and what the file is called.

    Args:
        player: as config.toml has it; `{path}` is the file, `{start}` the seconds from its beginning to the take's
            first mark or, without one, to its roll.
        take: that the file is of.
        media_id: the clip's or sound file's.
        folder: the production's, that paths in the log start from.

    Raises:
        RefusedError: nothing can be played; says why.
    """
    if not player:
        raise RefusedError(
            'No player is set; config.toml takes one, player = "mpv --start={start} {path}" in [screen].'
        )
    media = next((each for each in _files(take) if each.id == media_id), None)
    if take is None or media is None:
        raise RefusedError("That file is of no take; the take's own files can be played.")
    path = folder / media.path
    proxy = media.proxy if isinstance(media, Clip) else None
    if proxy is not None and (folder / proxy).is_file():
        path = folder / proxy
    if not path.is_file():
        raise RefusedError(f"{safe_path(path)} is not there; is its disk mounted?")
    try:
        words = shlex.split(player)
    except ValueError:
        raise RefusedError(f'player in [screen] of config.toml cannot be read: "{safe_text(player)}".') from None
    start = f"{float(_start(take, media)):.3f}"
    if "{path}" not in player:
        words.append("{path}")
    return [word.replace("{start}", start).replace("{path}", str(path.absolute())) for word in words], safe_path(path)


def _files(take: Take | None) -> list[Clip | SoundFile]:
    if take is None:
        return []
    clips: list[Clip | SoundFile] = [clip for angle in take.angles for clip in angle.clips]
    return clips + [file for sound in take.sound for file in sound.files]


def _start(take: Take, media: Clip | SoundFile) -> Fraction:
    """Seconds from the file's first frame to what a person wants to see; 0 where labels do not tell."""
    marks = [note.tc for note in take.notes if note.mark and note.tc is not None]
    wanted = marks[0] if marks else take.tc_in
    if wanted is None or media.tc_in is None or media.rate != take.rate:
        return Fraction(0)
    try:
        own = rate(media.rate)
        frames = Timecode.parse(wanted, own).since(Timecode.parse(media.tc_in, own))
    except TimecodeError:
        return Fraction(0)
    return max(Fraction(0), own.seconds_for(frames))
