"""`onset ltc`: timecode out of a sound file, and into one.

Works on any WAV, BWF or RF64 file and needs no production.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import RefusedError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from devices.ltc_file import FileTimecode
    from devices.wave_tracks import WaveTracks
    from onset.cli.main import CommandParser
    from onset.timecode import Timecode

_EXAMPLES = """\
examples:
  onset ltc decode 42C-3_MIX.wav
  onset ltc write -o leader.wav --rate 25 --start 10:00:00:00 --length "30 s"

"onset ltc decode --help" and "onset ltc write --help" say more.
"""
_DECODE_EXAMPLES = """\
examples:
  onset ltc decode 42C-3_MIX.wav               from where to where, at which rate, jumps, user bits
  onset ltc decode 42C-3_MIX.wav --labels      every label with its sample
  onset ltc decode 42C-3_MIX.wav --channel 4   on this track only, counted from 1
  onset ltc decode 42C-3_MIX.wav --json

The track with timecode is found by itself. JSON: {"rate", "drop", "labels": [{"sample", "tc", "reverse", "inferred"}]}
with "channel", "also", "sample_rate", "samples", "cut_short" and "runs": [{"sample", "tc", "end_tc", "labels",
"inferred", "reverse", "user_bits", "colour"}]. A new run begins where timecode jumps, stops or turns round. "inferred":
not read, but between two that were and that agree. Exit 1 when there is no timecode.
"""
_WRITE_EXAMPLES = """\
examples:
  onset ltc write -o leader.wav --rate 25 --start 10:00:00:00 --length "5 min"
  onset ltc write -o day3.wav --rate 29.97df --start "09:59:50;00" --end "10:30:00;00"
  onset ltc write -o leader.wav --rate 24 --start 01:00:00:00 --length 240 --user 26112601 --level -18

A mono file of 48 kHz and 24 bits. --length counts frames, or is a time ("30 s", "5 min", "1 h"). --end is the first
label that is not written any more; a smaller one than --start lies behind midnight.
"""
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_FULL_DAY_S = 86_400


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "ltc", help="timecode out of and into sound files", description=__doc__, epilog=_EXAMPLES
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)
    decode = verbs.add_parser("decode", help="read the timecode of a sound file", epilog=_DECODE_EXAMPLES)
    decode.add_argument("file", metavar="FILE", help="WAV, BWF or RF64; 8 to 32 bits or float, any number of tracks")
    decode.add_argument("--channel", type=int, metavar="N", help="the track to hear, counted from 1")
    decode.add_argument("--labels", action="store_true", help="print every label")
    decode.add_argument("--json", action="store_true", help="one JSON document on standard output")
    decode.set_defaults(run=_decode)
    write = verbs.add_parser("write", help="make a sound file that carries timecode", epilog=_WRITE_EXAMPLES)
    write.add_argument("-o", dest="output", metavar="FILE", required=True, help="the new file; never replaced")
    write.add_argument("--rate", required=True, help="23.976, 24, 25, 29.97, 29.97df or 30")
    write.add_argument("--start", required=True, metavar="TC", help="the first label")
    length = write.add_mutually_exclusive_group(required=True)
    length.add_argument("--length", help='frames, or a time: 750, "30 s", "5 min"')
    length.add_argument("--end", metavar="TC", help="the label to stop before")
    write.add_argument("--level", type=float, default=-12.0, metavar="DB", help="peak in dBFS (default -12)")
    write.add_argument("--user", default="", metavar="HEX", help="user bits, eight hex digits, group eight first")
    write.add_argument("--sample-rate", type=int, default=48_000, metavar="HZ", help="default 48000")
    write.add_argument("--bits", type=int, choices=(16, 24), default=24, help="default 24")
    write.add_argument("--json", action="store_true", help="one JSON document on standard output")
    write.set_defaults(run=_write)


def run(args: argparse.Namespace) -> int:
    """Never called: each verb sets its own."""
    raise UsageError(f'There is no verb "{safe_text(args.verb)}"; "onset ltc --help" lists them.')


# -- out of a file ----------------------------------------------------------------------------------------------------


def _decode(args: argparse.Namespace) -> int:
    """Say what timecode a file carries."""
    from devices.ltc_file import read_timecode
    from devices.wave_tracks import open_wave

    tracks = open_wave(Path(args.file))
    name = safe_path(args.file)
    channel: int | None = args.channel
    if channel is not None and not 1 <= channel <= tracks.channels:
        raise UsageError(f"--channel: {name} has {_many(tracks.channels, 'track')}; there is no {channel}.")
    found = read_timecode(tracks, None if channel is None else channel - 1)
    if tracks.cut_short:
        print(f"onset: {name} is cut short: its head promises more sound than is there.", file=sys.stderr)
    if found is None:
        where = f"track {channel}" if channel is not None else _many(tracks.channels, "track")
        seconds = tracks.count / tracks.sample_rate
        raise RefusedError(f"{name} carries no timecode ({where}, {seconds:.1f} s heard).")
    if args.json:
        print(json.dumps(_document(found, tracks)))
    else:
        _tell(found, tracks, name, every=args.labels)
    return 0


def _document(found: FileTimecode, tracks: WaveTracks) -> dict[str, object]:
    return {
        "rate": None if found.rate is None else found.rate.name,
        "drop": found.labels[0].drop,
        "channel": found.channel + 1,
        "also": [channel + 1 for channel in found.also],
        "sample_rate": tracks.sample_rate,
        "samples": tracks.count,
        "cut_short": tracks.cut_short,
        "runs": [
            {
                "sample": max(0, round(run.first.sample)),
                "tc": run.first.label,
                "end_tc": run.last.label,
                "labels": run.count,
                "inferred": run.inferred,
                "reverse": run.first.reverse,
                "user_bits": run.user_bits,
                "colour": run.first.colour,
            }
            for run in found.runs
        ],
        "labels": [
            {
                "sample": max(0, round(heard.sample)),
                "tc": heard.label,
                "reverse": heard.reverse,
                "inferred": heard.inferred,
            }
            for heard in found.labels
        ],
    }


def _tell(found: FileTimecode, tracks: WaveTracks, name: str, *, every: bool) -> None:
    """For a person: one line a run, or one a label."""
    rate = "rate not told (too short)" if found.rate is None else f"{found.rate.name} frames"
    also = f"; also on {', '.join(str(channel + 1) for channel in found.also)}" if found.also else ""
    print(f"{name}: track {found.channel + 1} of {tracks.channels}{also}, {rate}, {_many(len(found.labels), 'label')}")
    if every:
        for heard in found.labels:
            marks = " reverse" * heard.reverse + " inferred" * heard.inferred
            print(f"{round(heard.sample):>12}  {heard.label}{marks}")
        return
    for run in found.runs:
        seconds = max(0.0, run.first.sample) / tracks.sample_rate
        more = f", {run.inferred} inferred" * bool(run.inferred) + ", reverse" * run.first.reverse
        more += f", user bits {run.user_bits}" * any(run.user)
        print(f"  {seconds:10.3f} s  {run.first.label} to {run.last.label}  {_many(run.count, 'label')}{more}")


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


# -- into a file ------------------------------------------------------------------------------------------------------


def _write(args: argparse.Namespace) -> int:
    """Make a file that carries timecode."""
    from devices.ltc_file import write_timecode
    from onset import timecode

    rate = timecode.rate(args.rate)
    if rate.nominal > 30:
        half = next((r.name for r in timecode.RATES.values() if r.fps == rate.fps / 2 and r.drop == rate.drop), "30")
        raise UsageError(f"--rate: sound carries 30 labels a second at most; a project of {rate.name} is fed {half}.")
    start = timecode.Timecode.parse(args.start, rate)
    frames = _frames(args, start)
    if not 8_000 <= args.sample_rate <= 192_000:
        raise UsageError(f"--sample-rate: {args.sample_rate} Hz is not between 8000 and 192000.")
    if not -80 <= args.level <= 0:
        raise UsageError(f"--level: {args.level:g} dBFS is not between -80 and 0.")
    user = _user(args.user)
    path = Path(args.output)
    write_timecode(
        path, start, frames, sample_rate=args.sample_rate, bits=args.bits, level=10 ** (args.level / 20), user=user
    )
    last = start.later(frames - 1)
    if args.json:
        print(
            json.dumps({"path": str(path), "rate": rate.name, "tc": str(start), "end_tc": str(last), "labels": frames})
        )
    else:
        print(f"{safe_path(path)}: {start} to {last} at {rate.name}, {_many(frames, 'label')}")
    return 0


def _frames(args: argparse.Namespace, start: Timecode) -> int:
    """How many frames are asked for."""
    from fractions import Fraction

    from onset.timecode import Timecode

    rate = start.rate
    if args.end is not None:
        frames = Timecode.parse(args.end, rate).since(start, over_midnight=True)
    else:
        asked = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?) ?(s|min|h)?", args.length.strip(), re.ASCII)
        if asked is None or (asked[2] is None and "." in asked[1]):
            raise UsageError(f'--length: "{safe_text(args.length)}" is no length; write 750, "30 s" or "5 min".')
        frames = int(asked[1]) if asked[2] is None else round(Fraction(asked[1]) * _SECONDS[asked[2]] * rate.fps)
    if not 0 < frames <= rate.fps * _FULL_DAY_S:
        raise UsageError("There must be at least one frame to write, and no more than a day.")
    return frames


def _user(written: str) -> tuple[int, ...]:
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{8})?", written, re.ASCII):
        raise UsageError(f'--user: "{safe_text(written)}" is not eight hex digits, as in 26112601.')
    return tuple(int(digit, 16) for digit in reversed(written))
