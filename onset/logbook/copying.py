"""Camera data copied from what was shot or set up before: the content of one edit, on takes or on a setup.

A setup says what is meant, a take's cameras what was really used; of a setup that was shot, what was used counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from onset.changes import Value
from onset.domain.camera import CAMERA_DATA
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import CAMERA_SETUP_FIELDS
from onset.logbook.setups import set_setup
from onset.logbook.takes import label, named, same_slate, set_angle
from onset.logbook.terms import CopiedFrom
from onset.slate import check_label
from onset.text import safe_text

_Cameras = Mapping[str, Mapping[str, Value]]


def copy_to_takes(
    tx: Transaction, take_ids: Sequence[str], source: CopiedFrom | None, cameras: Collection[str]
) -> None:
    """Lens, stop, filters … of the source to the same cameras of each take; what the source does not say stays.

    Args:
        tx: the edit.
        take_ids: the takes.
        source: None: the take of the same slate before each.
        cameras: only these; empty: those that both have.

    Raises:
        RefusedError: there is no such source, or nothing in it for a take's cameras.
    """
    for take_id in take_ids:
        take = named(tx, take_id)
        name, known = _known(tx, source or _before(tx, take))
        there = {row.text("camera") for row in tx.find("angle", {"take": take_id})}
        wanted = {camera: said for camera, said in known.items() if not cameras or camera in cameras}
        if there and not take.flag("added"):  # nobody could have logged a camera of a take that was typed in later
            wanted = {camera: said for camera, said in wanted.items() if camera in there}
        _refuse_nothing(name, known, wanted, label(take), cameras)
        for camera, said in wanted.items():
            set_angle(tx, take_id, camera, said)


def copy_to_setup(
    tx: Transaction, slate: str, source: CopiedFrom, cameras: Collection[str], episode: str | None
) -> str:
    """The same to the cameras of a setup, which is made where there is none; returns its id."""
    name, known = _known(tx, source)
    wanted = {camera: said for camera, said in known.items() if not cameras or camera in cameras}
    _refuse_nothing(name, known, wanted, f"slate {safe_text(check_label(slate))}", cameras)
    kept = {
        camera: {field: value for field, value in said.items() if field in CAMERA_SETUP_FIELDS}
        for camera, said in wanted.items()
    }
    return set_setup(tx, slate, {}, scene=None, episode=episode, cameras=kept)


def _before(tx: Transaction, take: Row) -> CopiedFrom:
    earlier = [
        row
        for row in same_slate(tx, take.maybe_text("episode"), take.text("slate"))
        if row.arrival < take.arrival and row.id != take.id
    ]
    if not earlier:
        raise RefusedError(f"{label(take)} is the first of its slate; say from where with --from.", take.id)
    return CopiedFrom(take_id=earlier[-1].id)


def _known(tx: Transaction, source: CopiedFrom) -> tuple[str, _Cameras]:
    """What people call the source, and what is known of each of its cameras."""
    if source.take_id is not None:
        take = named(tx, source.take_id)
        return label(take), _used(tx, take.id)
    slate = check_label(source.slate or "")
    setup = next(iter(tx.find("setup", {"slate": slate, "episode": source.episode})), None)
    if setup is None:
        raise RefusedError(f"There is no setup {safe_text(slate)} in this log.")
    found = {row.text("camera"): _said(row) for row in tx.find("camera_setup", {"setup": setup.id})}
    for take in same_slate(tx, setup.maybe_text("episode"), slate):
        for camera, used in _used(tx, take.id).items():
            found[camera] = {**found.get(camera, {}), **used}  # of its takes, what was said last
    return f"slate {safe_text(slate)}", {camera: said for camera, said in found.items() if said}


def _used(tx: Transaction, take_id: str) -> dict[str, Mapping[str, Value]]:
    angles = {row.text("camera"): _said(row) for row in tx.find("angle", {"take": take_id})}
    return {camera: said for camera, said in angles.items() if said}


def _said(row: Row) -> Mapping[str, Value]:
    return {name: row.fields[name] for name in CAMERA_DATA if row.fields.get(name)}


def _refuse_nothing(name: str, known: _Cameras, wanted: _Cameras, target: str, cameras: Collection[str]) -> None:
    missing = [camera for camera in cameras if camera not in wanted]
    if not known:
        raise RefusedError(f"Nobody said anything of the cameras of {name}.")
    if missing or not wanted:
        shown = safe_text(", ".join(missing or known))
        raise RefusedError(f"{name} and {target} have no data of camera {shown} in common.")
