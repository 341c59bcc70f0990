"""Opens a clip in the person's own player, at a mark or a note: the file joined with its sound where there is one.

Used by the Review screen. The player is a process of its own; the app neither waits for it nor ends it.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from onset.domain.camera import Clip
from onset.domain.card import Card
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.errors import OnsetError, RefusedError, TimecodeError
from onset.logbook.protocol import Logbook
from onset.text import safe_path, safe_text
from onset.timecode import Timecode, rate
from tui.disk_question import DiskQuestion
from tui.hand import Hand


async def play(
    hand: Hand, take_id: str | None, media_id: str, say: Callable[[str, bool], None], at: str | None = None
) -> None:
    """Open a file of a take; `say` gets what was opened, or why nothing was, and whether that is an alarm.

    Args:
        hand: whose configuration names the player.
        take_id: of the take that the file is of.
        media_id: the clip's or sound file's.
        say: called once more where the player ends with an error.
        at: the label to begin at, at the take's rate; None: the first mark in the file or, without one, the roll.
    """
    disk: DiskQuestion[tuple[list[str], str]] = DiskQuestion()
    try:
        take, cards = await hand.desk.read(lambda log: _read(log, take_id, media_id))
        player, folder = hand.deps.config.screen.player, hand.deps.production
        found = await disk.ask(lambda: player_command(player, take, media_id, folder, at=at, cards=cards))
        if found is None:
            say("The disk of that file does not answer.", True)
            return
        command, shown = found
        _run(command, _teller(say, command[0]))
    except OnsetError as error:
        say(str(error), not isinstance(error, RefusedError))
    except OSError as error:
        program = safe_text(str(error.filename or ""))
        say(f"The player {program} cannot be started: {error.strerror}; see player in [screen] of config.toml.", True)
    else:
        say(f"{shown} opens in the player.", False)


def _read(log: Logbook, take_id: str | None, media_id: str) -> tuple[Take | None, Sequence[Card]]:
    """The take, and the card that the file came from."""
    take = None if take_id is None else log.take(take_id)
    cards = {file.card for file in media_of(take) if file.id == media_id and file.card}
    return take, [card for card in log.cards() if card.id in cards] if cards else []


def _teller(say: Callable[[str, bool], None], program: str) -> Callable[[int], None]:
    """Says on the event loop that a player ended with an error."""
    loop = asyncio.get_running_loop()

    def tell(code: int) -> None:
        how = f"with exit code {code}" if code > 0 else f"by signal {-code}"
        sentence = f"The player {safe_text(program)} ended {how}; see player in [screen] of config.toml."
        with suppress(RuntimeError):  # the app has ended meanwhile
            loop.call_soon_threadsafe(say, sentence, True)

    return tell


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


def _run(command: Sequence[str], failed: Callable[[int], None] = lambda _: None) -> None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def wait() -> None:
        code = process.wait()
        if code:
            failed(code)

    threading.Thread(target=wait, name="player", daemon=True).start()


def player_command(
    player: str,
    take: Take | None,
    media_id: str,
    folder: Path,
    *,
    at: str | None = None,
    cards: Sequence[Card] = (),
) -> tuple[list[str], str]:
    """The program with its arguments, and what the file is called. Looks for the file: not on the event loop.

    Args:
        player: as config.toml has it; `{path}` is the file, `{start}` the seconds from its beginning to `at`.
        take: that the file is of.
        media_id: the clip's or sound file's.
        folder: the production's, that paths in the log start from.
        at: a label at the take's rate; None: of the first mark that the file reaches or, without one, of the roll.
        cards: that the file may be of; where it is not at its place, their other copies are looked at.

    Raises:
        RefusedError: nothing can be played; says why.
    """
    if not player:
        raise RefusedError(
            'No player is set; config.toml takes one, player = "mpv --start={start} {path}" in [screen].'
        )
    media = next((each for each in media_of(take) if each.id == media_id), None)
    if take is None or media is None:
        raise RefusedError("That file is of no take; the take's own files can be played.")
    places = _places(media, folder, cards)
    path = next(filter(os.path.isfile, places), None)  # False too where a disk fails
    if path is None:
        raise RefusedError(f"{safe_path(folder / media.path)} is not there; is its disk mounted?")
    try:
        words = shlex.split(player)
    except ValueError:
        raise RefusedError(f'player in [screen] of config.toml cannot be read: "{safe_text(player)}".') from None
    start = f"{float(seconds_into(take, media, at)):.3f}"
    if "{path}" not in player:
        words.append("{path}")
    return [word.replace("{start}", start).replace("{path}", str(path.absolute())) for word in words], safe_path(path)


def media_of(take: Take | None) -> list[Clip | SoundFile]:
    """The files that are, or may be, of a take."""
    if take is None:
        return []
    clips: list[Clip | SoundFile] = [clip for angle in take.angles for clip in angle.clips]
    return clips + [file for sound in take.sound for file in sound.files]


def _places(media: Clip | SoundFile, folder: Path, cards: Sequence[Card]) -> list[Path]:
    """Where the file may be: its proxy (which has the sound), itself, then the same file in the card's other copies."""
    proxy = media.proxy if isinstance(media, Clip) else None
    found = [folder / each for each in (proxy, media.path) if each is not None]
    copies = [copy.path for card in cards if card.id == media.card for copy in card.copies]
    within = next((media.path[len(copy) :] for copy in copies if media.path.startswith(f"{copy}/")), None)
    return found + ([Path(f"{copy}{within}") for copy in copies] if within is not None else [])


def frames_into(take: Take, media: Clip | SoundFile, label: str | None) -> int | None:
    """Frames from the file's first to a label; None where labels do not tell, or the file does not reach there.

    Args:
        take: whose rate the label is counted at.
        media: of the take.
        label: None: of what has none.
    """
    if label is None or media.tc_in is None or media.rate != take.rate:
        return None
    try:
        own = rate(media.rate)
        frames = Timecode.parse(label, own).since(Timecode.parse(media.tc_in, own), over_midnight=True)
    except TimecodeError:
        return None
    return frames if frames < (media.duration_frames or own.frames_a_day // 2) else None


def seconds_into(take: Take, media: Clip | SoundFile, at: str | None = None) -> Fraction:
    """Exact seconds from the file's first frame to a label; 0 where `frames_into` cannot tell.

    Args:
        take: as for `frames_into`.
        media: as for `frames_into`.
        at: None: the first mark of the take that the file reaches or, without one, the roll.
    """
    marks = [note.tc for note in take.notes if note.mark and not note.deleted]
    found = (frames_into(take, media, label) for label in ([at] if at else [*marks, take.tc_in]))
    frames = next((each for each in found if each is not None), 0)
    return rate(media.rate).seconds_for(frames) if frames else Fraction(0)
