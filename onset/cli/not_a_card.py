"""Nothing is ever written to a card: what `onset report` and `onset export` ask before they write a file."""

from __future__ import annotations

import os
from pathlib import Path

from onset.errors import OnsetError
from onset.text import safe_path


def refuse_a_card(path: Path, production: Path, error: type[OnsetError]) -> None:
    """Refuse a place on a card that was offloaded: it would be another card then.

    A folder that was copied once and holds the production itself is no card.

    Args:
        path: of a file that shall be written.
        production: its folder.
        error: what is raised.
    """
    from onset.offload.journal import find_jobs, jobs_folder

    real, home = Path(os.path.realpath(path)), Path(os.path.realpath(production))
    for job in find_jobs(jobs_folder(os.environ)):
        if job.sheet.sends:
            continue  # files of takes were sent; what they came from is no card
        card = Path(os.path.realpath(job.sheet.card))
        if card in real.parents and card != home and card not in home.parents:
            shown = safe_path(card)
            raise error(f"{shown} is a card that was offloaded; nothing is ever written to it: name another folder.")
