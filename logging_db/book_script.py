"""The script: the verbs of `onset.logbook.book_script` on SQLite, each one edit."""

from __future__ import annotations

from collections.abc import Mapping

from logging_db import production
from logging_db.writing import Verbs
from onset.changes import Value
from onset.domain.scene import Scene, Setup
from onset.errors import LogError
from onset.logbook import board as boards
from onset.logbook import scenes


class ScriptVerbs(Verbs):
    """See `onset.logbook.book_script.ScriptDepartment`."""

    def set_setup(self, slate: str, fields: Mapping[str, Value], *, scene: str | None = None) -> Setup:
        with self._edit("set setup") as edit:
            setup_id = scenes.set_setup(edit, slate, fields, scene=scene)
        return self._setup(setup_id)

    def set_camera_setup(self, slate: str, camera: str, fields: Mapping[str, Value]) -> Setup:
        with self._edit("set camera") as edit:
            setup_id = scenes.set_camera_setup(edit, slate, camera, fields)
        return self._setup(setup_id)

    def rehearsal(self, duration_ns: int, *, unit: str = "Main") -> Setup:
        with self._edit("rehearsal") as edit:
            boards.check_unit(edit, unit)
            setup_id = scenes.rehearsal(edit, duration_ns, unit=unit)
        return self._setup(setup_id)

    def _setup(self, setup_id: str) -> Setup:
        with self._reading() as connection:
            return production.setups(connection, uid=bytes.fromhex(setup_id))[0]

    def set_scene(self, number: str, fields: Mapping[str, Value], *, episode: str | None = None) -> Scene:
        with self._edit("set scene") as edit:
            scenes.set_scene(edit, number, fields, episode=episode)
        found = self.scene(number.strip(), episode=episode)
        if found is None:
            raise LogError('The scene that was just written cannot be read back; run "onset doctor".')
        return found
