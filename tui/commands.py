"""Commands of onset that a screen runs beside itself, in a process of their own: the wrap, its check, an exchange.

Used by the Day screen. What takes seconds and makes paper has no business in the app's process.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from onset.errors import UsageError


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said: its exit code, its JSON document (empty where it made none), its last words otherwise."""

    code: int
    document: dict[str, object]
    words: str


async def run_onset(onset: Sequence[str], *words: str) -> Answer:
    """Run a command with `--json` to its end; it goes on if this program ends.

    Args:
        onset: the command that starts onset on this production.
        words: command and options.

    Raises:
        UsageError: it cannot be started.
    """
    if not onset:
        raise UsageError(f'There is no command to run here; "onset {" ".join(words)}" does it in a shell.')
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *onset, *words, "--json", stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        raise UsageError(f'"onset {words[0]}" cannot be started: {error.strerror}.') from error
    out, err = await process.communicate()
    try:
        document = json.loads(out)
    except ValueError:
        document = None
    said = [line.removeprefix("onset: ") for line in err.decode("utf-8", "replace").splitlines() if line.strip()]
    return Answer(process.returncode or 0, document if isinstance(document, dict) else {}, " ".join(said[-3:]))


def sentences(document: dict[str, object], *names: str) -> list[tuple[str, str]]:
    """Lists of sentences in a document, with the name of each: `{"missing": {"clips": ["…"]}}`."""
    found: object = document
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return []
    return [(str(name), str(each)) for name, listed in found.items() if isinstance(listed, list) for each in listed]
