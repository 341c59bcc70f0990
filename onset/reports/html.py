"""Reports as one HTML file each: no script, nothing loaded from anywhere, ready to print.

Every value is escaped by Jinja2; the policy in the head allows this file's own style and nothing else, so that a note
such as `<script>` stays a note.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from onset.reports.editor import EditorLog
from onset.reports.revision import changes_of, editor_marks, facts_of, label_of, line_of, sections_of
from onset.reports.section import SectionPaper

GENERATOR = "onset editor log"
_FOLDER = Path(__file__).parent / "templates"


def editor_html(log: EditorLog) -> bytes:
    """Lay the log out as a page, UTF-8."""
    return _page("editor.html", log, "Editor's log", GENERATOR)


def sections_html(paper: SectionPaper) -> bytes:
    """Lay a report of sections out as a page, UTF-8."""
    return _page("sections.html", paper, paper.kind, paper.mark)


def _page(name: str, log: EditorLog | SectionPaper, kind: str, generator: str) -> bytes:
    style, policy = _style()
    text = _template(name).render(
        log=log,
        sections=sections_of(log) if isinstance(log, SectionPaper) else changes_of(log),
        kind=kind,
        style=style,
        policy=policy,
        generator=generator,
    )
    return text.encode("utf-8", "backslashreplace")


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "facts_of": facts_of,
        "line_of": line_of,
        "label_of": label_of,
        "editor_marks": editor_marks,
    }
    environment.filters["inline"] = _inline
    return environment.get_template(name)


def _inline(picture: bytes) -> str:
    """A JPEG or PNG within the page itself."""
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


@cache
def _style() -> tuple[Markup, str]:
    """The style sheet, and the content security policy that admits it alone, by its digest."""
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Markup(style), (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
