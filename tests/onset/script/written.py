"""Scripts as tests write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from onset.domain.script import ScriptElement, ScriptScene
from onset.script.files import read_script
from onset.script.identity import KnownScene
from onset.script.take_in import Incoming, prepare

SAMPLES = Path(__file__).parents[2] / "data/scripts"


def fdx(*paragraphs: str, after: str = "") -> str:
    """A file as Final Draft nests it."""
    content = "\n".join(paragraphs)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n'
        f'<FinalDraft DocumentType="Script" Template="No" Version="5"><Content>{content}</Content>{after}</FinalDraft>'
    )


def paragraph(kind: str, text: str, inside: str = "", **attributes: str) -> str:
    words = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    runs = f"<Text>{escape(text)}</Text>" if text else ""
    return f'<Paragraph Type="{kind}"{words}>{inside}{runs}</Paragraph>'


def taken(
    folder: Path, text: str, known: Sequence[KnownScene] = (), *, name: str = "s.fountain", **options: Sequence[str]
) -> Incoming:
    """What a log that knows these scenes would be given of this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return prepare(read_script(path).screenplay, known, name, **options)


def in_the_log(incoming: Incoming) -> list[KnownScene]:
    """What a log has that took it in."""
    return [
        KnownScene(scene.number, scene.heading, scene.omitted, True, _of(incoming.elements, scene))
        for scene in incoming.scenes
    ]


def _of(elements: Sequence[ScriptElement], scene: ScriptScene) -> tuple[ScriptElement, ...]:
    return tuple(one for one in elements if one.scene == scene.number)


def keys(incoming: Incoming) -> dict[str, str]:
    """Key of each paragraph by its text."""
    return {one.text: one.key for one in incoming.elements}
