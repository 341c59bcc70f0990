"""Completion of the tag that is being typed, from the tags in use. Used by the Review screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual.suggester import Suggester

from onset.text import safe_text


class TagWords(Suggester):
    """Completes the last of several words with commas between; the most used tag first."""

    def __init__(self, tags: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._tags = [tag for tag in tags if safe_text(tag) == tag and "," not in tag]  # a field shows it as it is

    async def get_suggestion(self, value: str) -> str | None:
        """The whole text with its last word completed; None where no tag begins so."""
        before, comma, last = value.rpartition(",")
        begun = last.lstrip()
        gap = last[: len(last) - len(begun)]
        sign = "-" if begun.startswith("-") else ""
        word = begun[len(sign) :]
        if not word:
            return None
        taken = {each.strip() for each in before.split(",")}
        for tag in self._tags:
            if tag.casefold().startswith(word.casefold()) and tag != word and tag not in taken:
                return f"{before}{comma}{gap}{sign}{word}{tag[len(word) :]}"
        return None
