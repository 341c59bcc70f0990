"""Verbs of `onset log` on the script: scene, scenes, versions, setup, setups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onset.cli.log_desk import Desk, Verb
from onset.errors import RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.domain.scene import Scene, Setup
    from onset.logbook.as_json import Json


def add_verbs(verb: Verb) -> None:
    """Describe them."""
    scene = verb("scene", "show a scene, or say something of it", _scene, "SCENE")
    scene.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help='as in eighths="1 4/8" characters="MARA, TOM"')
    verb("scenes", "the scenes in the order of the script", _scenes)
    verb("versions", "versions of the script, as they came in", _versions)
    setup = verb("setup", "show a setup, say something of it (A.lens=35mm of a camera), or plan one", _setup)
    setup.add_argument("words", nargs="*", metavar="SLATE | FIELD=VALUE", help="its slate first")
    setup.add_argument("--scene", metavar="[E:]N", help="its scene (default: read from the slate)")
    setup.add_argument(
        "--plan", metavar="NAME", help="a planned setup's working name; with a slate: it is shot as that"
    )
    setups = verb("setups", "the setups in the order of their slates", _setups)
    setups.add_argument("--scene", metavar="[E:]N", help="of this scene")
    setups.add_argument("--planned", action="store_true", help="those on the shot list")
    setups.add_argument("--unshot", action="store_true", help="those without a take")


def _scene(desk: Desk) -> Printed:
    from onset.cli.log_typed import fields_of

    number, episode = desk.scene(desk.args.scene)
    fields, _ = fields_of(desk.args.fields, "scene", None)
    scene = desk.log.set_scene(number, fields, episode=episode) if fields else _known(desk, number, episode)
    return _one_scene(desk, scene)


def _known(desk: Desk, number: str, episode: str | None) -> Scene:
    from onset.domain.scene import scene_label

    found = desk.log.scene(number, episode=episode)
    if found is None:
        shown = safe_text(scene_label(number, episode))
        raise RefusedError(f"There is no scene {shown} in this log; say something of it to make it, as in eighths=2/8.")
    return found


def _one_scene(desk: Desk, scene: Scene) -> Printed:
    from onset.cli.log_script_lines import notes_below, whole_scene
    from onset.logbook.as_json_script import note_json, scene_json
    from onset.logbook.terms import NoteFilter

    notes = desk.log.notes(NoteFilter(about_id=scene.id))
    document: dict[str, Json] = {"scene": scene_json(scene), "notes": [note_json(note) for note in notes]}
    return document, [*whole_scene(scene), *notes_below(notes)]


def _scenes(desk: Desk) -> Printed:
    from onset.cli.log_script_lines import scene_lines
    from onset.logbook.as_json_script import scene_json

    found = desk.log.scenes()
    return {"scenes": [scene_json(scene) for scene in found]}, scene_lines(found)


def _versions(desk: Desk) -> Printed:
    from onset.cli.log_script_lines import version_lines
    from onset.logbook.as_json_script import version_json

    found = desk.log.versions()
    return {"versions": [version_json(version) for version in found]}, version_lines(found)


def _setup(desk: Desk) -> Printed:
    from onset.cli.log_typed import fields_of

    args = desk.args
    words: list[str] = args.words
    wanted = words[0] if words and "=" not in words[0] else None
    fields, cameras = fields_of(words[1:] if wanted else words, "setup", "camera_setup")
    number, episode = desk.scene(args.scene) if args.scene else (None, desk.episode)
    if wanted is None:
        if args.plan is None:
            raise UsageError("Say which setup, by its slate (42C), or by its working name with --plan.")
        if number is None:
            raise UsageError("Say with --scene which scene the planned setup is for.")
        planned = desk.log.plan_setup(args.plan, fields, scene=number, episode=episode, cameras=cameras)
        return _one_setup(desk, planned)
    slate, of_slate = desk.slate(wanted)
    episode = of_slate if ":" in wanted or number is None else episode
    if args.plan is not None:
        if fields or cameras:
            raise UsageError("Give the planned setup its slate first; then say more of it by that slate.")
        return _one_setup(desk, desk.log.slate_plan(args.plan, slate, scene=number, episode=episode))
    if fields or cameras or number is not None:
        return _one_setup(desk, desk.log.set_setup(slate, fields, scene=number, episode=episode, cameras=cameras))
    found = desk.log.setup(slate, episode=episode)
    if found is None:
        raise RefusedError(f"There is no setup {safe_text(slate)} yet; say something of it to make it, as in size=CU.")
    return _one_setup(desk, found)


def _one_setup(desk: Desk, setup: Setup) -> Printed:
    from onset.cli.log_script_lines import notes_below, whole_setup
    from onset.logbook.as_json_script import note_json, setup_json
    from onset.logbook.terms import NoteFilter

    notes = desk.log.notes(NoteFilter(about_id=setup.id))
    document: dict[str, Json] = {"setup": setup_json(setup), "notes": [note_json(note) for note in notes]}
    return document, [*whole_setup(setup), *notes_below(notes)]


def _setups(desk: Desk) -> Printed:
    from onset.cli.log_script_lines import setup_lines
    from onset.logbook.as_json_script import setup_json

    args = desk.args
    found = list(desk.log.planned_setups() if args.planned else desk.log.setups())
    if args.unshot and not args.planned:
        found += [setup for setup in desk.log.planned_setups() if not setup.slate]
    if args.scene:
        wanted = desk.scene(args.scene)
        found = [setup for setup in found if (setup.scene, setup.episode) == wanted]
    if args.unshot:
        found = [setup for setup in found if not setup.shot]
    return {"setups": [setup_json(setup) for setup in found]}, setup_lines(found)
