"""The script: the verbs and questions of `onset.logbook.book_script` on SQLite, each verb one edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from logging_db import script
from logging_db.writing import Verbs
from onset.changes import Value
from onset.domain.scene import Scene, Setup
from onset.domain.script import ScriptDiff, ScriptElement, ScriptScene, ScriptVersion
from onset.logbook import board as boards
from onset.logbook import scenes, setups
from onset.logbook import script as scripts
from onset.logbook.terms import UNSET, SetupPlan, Unset


class ScriptVerbs(Verbs):
    """See `onset.logbook.book_script.ScriptDepartment`."""

    def set_setup(
        self,
        slate: str,
        fields: Mapping[str, Value],
        *,
        scene: str | None = None,
        episode: str | Unset | None = UNSET,
        cameras: Mapping[str, Mapping[str, Value]] | None = None,
    ) -> Setup:
        with self._edit("set setup") as edit:
            setup_id = setups.set_setup(edit, slate, fields, scene=scene, episode=episode, cameras=cameras or {})
        return self._setup(setup_id)

    def set_camera_setup(self, slate: str, camera: str, fields: Mapping[str, Value]) -> Setup:
        with self._edit("set camera") as edit:
            setup_id = setups.set_setup(edit, slate, {}, scene=None, episode=UNSET, cameras={camera: fields})
        return self._setup(setup_id)

    def plan_setup(
        self,
        name: str,
        fields: Mapping[str, Value],
        *,
        scene: str,
        episode: str | None = None,
        cameras: Mapping[str, Mapping[str, Value]] | None = None,
    ) -> Setup:
        with self._edit("plan setup") as edit:
            setup_id = setups.plan_setup(edit, name, fields, scene=scene, episode=episode, cameras=cameras or {})
        return self._setup(setup_id)

    def plan_setups(self, plans: Sequence[SetupPlan]) -> Sequence[Setup]:
        with self._edit("plan setups") as edit:
            for one in plans:
                setups.plan_setup(edit, one.name, one.fields, scene=one.scene, episode=one.episode, cameras=one.cameras)
        return self.planned_setups()

    def slate_plan(self, name: str, slate: str, *, scene: str | None = None, episode: str | None = None) -> Setup:
        with self._edit("slate plan") as edit:
            setup_id = setups.slate_plan(edit, name, slate, scene=scene, episode=episode)
        return self._setup(setup_id)

    def take_script(
        self,
        version: ScriptVersion,
        scenes: Sequence[ScriptScene],
        elements: Sequence[ScriptElement] = (),
        *,
        preview: bool = False,
    ) -> ScriptDiff:
        with self._edit("take script", keep=not preview) as edit:
            return scripts.take_script(edit, version, scenes, elements)

    def versions(self) -> Sequence[ScriptVersion]:
        with self._reading() as connection:
            return script.versions(connection)

    def script_elements(self, number: str, *, episode: str | None = None) -> Sequence[ScriptElement]:
        with self._reading() as connection:
            return script.elements(connection, number, episode)

    def rehearsal(self, duration_ns: int, *, unit: str = "Main") -> Setup:
        with self._edit("rehearsal") as edit:
            boards.check_unit(edit, unit)
            setup_id = setups.rehearsal(edit, duration_ns, unit=unit)
        return self._setup(setup_id)

    def _setup(self, setup_id: str) -> Setup:
        with self._reading() as connection:
            return script.setups(connection, plans=True, uid=bytes.fromhex(setup_id))[0]

    def set_scene(self, number: str, fields: Mapping[str, Value], *, episode: str | None = None) -> Scene:
        with self._edit("set scene") as edit:
            scene_id = scenes.set_scene(edit, number, fields, episode=episode)
        with self._reading() as connection:
            return script.scenes(connection, uid=bytes.fromhex(scene_id))[0]

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None:
        with self._reading() as connection:
            return script.scene(connection, number, episode)

    def scenes(self) -> Sequence[Scene]:
        with self._reading() as connection:
            return script.scenes(connection)

    def planned_setups(self) -> Sequence[Setup]:
        with self._reading() as connection:
            return script.setups(connection, plans=True, planned=1)
