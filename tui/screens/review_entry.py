"""What is typed on the Review screen: tags, reasons, the take of a stray file, find. Every text is kept as a draft."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from onset.reconcile.board import Difference
from tui.hand import Hand
from tui.intents import linking
from tui.review_page import Page, name_of
from tui.seen import Verb
from tui.widgets.claims_row import ReviewRow
from tui.widgets.entry import EntryLine, Purpose
from tui.widgets.tag_words import TagWords


class ReviewEntry(EntryLine):
    """The entry line with the purposes of the Review screen."""

    def __init__(self, hand: Hand, *, id: str | None = None) -> None:
        super().__init__(hand.drafts, id=id)
        self._unit = hand.deps.unit
        self._tagged: Sequence[str] = ()  # ids, while several takes are tagged
        self._frames: dict[str, str] = {}  # what was typed last of each kind

    def tag(self, named: str, take_ids: Sequence[str], tags: Sequence[str]) -> None:
        """Words for a take, or for several, completed from those in use."""
        self._tagged = take_ids
        purpose = Purpose("tag", take_ids[0]) if len(take_ids) == 1 else Purpose("tags")
        self.open(purpose, placeholder="eyeline, push; -push takes one off; Tab completes")
        self.field.suggester = TagWords(tags)
        self.frame(f"tag {named}")

    def stray(self, row: ReviewRow, media_id: str) -> None:
        """The take that a file is of."""
        self.open(Purpose("stray", key=media_id), placeholder="its take: 42C/3; Enter links it")
        self.frame(f"{row.label} is of take")

    def explain(self, row: ReviewRow, difference: Difference, day: int) -> None:
        """Why departments differ; what somebody typed before is there to be changed."""
        self.open(
            Purpose("explain", key=difference.key, day=day),
            text=difference.explanation,
            placeholder="why it is in order; it counts from now on",
        )
        self.frame(f"why  {row.label}")

    def name_filter(self, query: str) -> None:
        """The name under which every seat finds these words again."""
        self.open(Purpose("filter", key=query), placeholder="a name: B lacks sound")
        self.frame(f"keep {query} as")

    def disk(self, where: str) -> None:
        """Where the selects go."""
        self.open(Purpose("send"), placeholder=where)
        self.frame("send selects to")

    def find(self, text: str) -> None:
        """Narrow the list as one types."""
        self.open(Purpose("find"), text=text, placeholder="scene:42 status:circled lacks:sound, or any words")
        self.frame("find")

    def again(self, purpose: Purpose) -> None:
        """What the log refused is there to be mended, unless something else is typed by now."""
        if self.purpose is None:
            self.open(purpose)
            self.frame(self._frames[purpose.kind])

    def frame(self, text: str) -> None:
        if self.purpose is not None:
            self._frames[self.purpose.kind] = text
        super().frame(text)

    def open(self, purpose: Purpose, **more: object) -> None:
        self.field.suggester = None
        super().open(purpose, **more)  # type: ignore[arg-type]  # handed on as they came

    def verb(self, purpose: Purpose, text: str, page: Page | None) -> Verb | None:
        """What Enter means for the log; None when nothing was typed."""
        match purpose.kind:
            case "tag" if purpose.take_id is not None and text.strip():
                return partial(linking.tag, text=text, take_ids=[purpose.take_id])
            case "tags" if text.strip():
                return partial(linking.tag, text=text, take_ids=self._tagged)
            case "filter" if purpose.key is not None and text.strip():
                return partial(linking.keep_filter, text=text, query=purpose.key)
            case "stray" if purpose.key is not None and text.strip():
                name = name_of(page, purpose.key) if page is not None else "this file"
                return partial(linking.of_take, text=text, media_id=purpose.key, name=name, unit=self._unit)
            case "explain" if purpose.key is not None and purpose.day is not None:
                return partial(linking.explain, text=text, key=purpose.key, unit=self._unit, day=purpose.day)
        return None
