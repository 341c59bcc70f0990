"""Which difference and which file a key on the Review screen means. Pure; a key means one thing, or nothing at all."""

from __future__ import annotations

from onset.domain.camera import LinkState
from onset.reconcile.board import Difference, Standing
from tui.player import frames_into, media_of
from tui.review_page import Page, differences_of, files_of, name_of
from tui.widgets.claims_row import ReviewRow


def difference_under(row: ReviewRow | None, under: str | None) -> Difference | None:
    """The difference that a key means.

    Args:
        row: under the cursor of the list.
        under: name of the item under the cursor of the evidence; None in the list, where only one that nobody
            explained can be meant.
    """
    found = differences_of(row)
    if under is not None:
        return next((each for each in found if f"difference:{each.key}" == under), None)
    waiting = [each for each in found if each.standing is not Standing.EXPLAINED]
    return waiting[0] if len(waiting) == 1 else None


def file_under(page: Page, row: ReviewRow | None, under: str | None) -> tuple[str, str] | None:
    """The file that a key means (id, name); from the list the only uncertain one, else the only one."""
    files = files_of(row)
    if under is None:
        waiting = [each for each in files if each.link is LinkState.PROPOSED]
        meant = waiting if len(waiting) == 1 else files if len(files) == 1 else []
        return (str(meant[0].media_id), name_of(page, str(meant[0].media_id))) if meant else None
    media_id = under.removeprefix("file:") if under.startswith("file:") else None
    difference = difference_under(row, under)
    if difference is not None:
        media_id = difference.media_id
    return (media_id, name_of(page, media_id)) if media_id else None


def moment_under(row: ReviewRow | None, under: str | None) -> tuple[str, str | None] | None:
    """The file (id) and the label that a mark or a note under the cursor of the evidence is seen at; None for neither.

    Of several files one that reaches that moment (a camera that stopped in between has two), then the first camera's
    that is certain, else the first; what has no label is seen from the roll on.
    """
    take = row.take if row is not None else None
    if take is None or under is None or not under.startswith("note:"):
        return None
    note = next((each for each in take.notes if under == f"note:{each.id}"), None)
    files = [each for each in files_of(row) if each.link is not LinkState.REFUSED]
    if note is None or not files:
        return None
    label = note.tc or take.tc_in
    reach = {each.id for each in media_of(take) if frames_into(take, each, label) is not None}
    cameras = {angle.camera for angle in take.angles}
    files.sort(
        key=lambda each: (each.media_id not in reach, each.device not in cameras, each.link is not LinkState.CONFIRMED)
    )
    return str(files[0].media_id), label


def unquestioned(page: Page, row: ReviewRow | None) -> list[tuple[str, str]]:
    """All proposed files of a take, where nothing speaks against any of them; else none."""
    if any(each.field == "link" and each.standing is not Standing.EXPLAINED for each in differences_of(row)):
        return []
    proposed = [str(each.media_id) for each in files_of(row) if each.link is LinkState.PROPOSED]
    return [(media_id, name_of(page, media_id)) for media_id in proposed]


def asked_file(page: Page, row: ReviewRow | None, under: str | None) -> tuple[str, str] | None:
    """The file that another one shall stand for: the one under the cursor, or the only one that is not certain.

    From the list never one that is linked for certain: the file that is looked for may be another camera's.
    """
    if under is not None:
        return file_under(page, row, under)
    waiting = [each for each in files_of(row) if each.link is LinkState.PROPOSED]
    return (str(waiting[0].media_id), name_of(page, str(waiting[0].media_id))) if len(waiting) == 1 else None


def question_about(row: ReviewRow, file: tuple[str, str] | None) -> Difference | None:
    """The question with choices that is asked about a file of this row."""
    asking = [each for each in differences_of(row) if each.choices and (not file or each.media_id == file[0])]
    return asking[0] if asking else None
