"""Continuity as JSON that other programs may rely on: absent is null, never left out."""

from __future__ import annotations

from onset.domain.continuity import Continuity
from onset.logbook.as_json import Json, still_json


def continuity_json(entry: Continuity) -> dict[str, Json]:
    """How a character looks in a scene; `id` is null while nobody has written it."""
    looks: dict[str, Json] = {name: value or None for name, value in entry.looks.items()}
    return {
        "id": entry.id,
        "episode": entry.episode,
        "scene": entry.scene,
        "character": entry.character,
        "story_day": entry.story_day or None,
        **looks,
        "stills": [still_json(still) for still in entry.stills],
        "carried": dict(entry.carried),
    }
