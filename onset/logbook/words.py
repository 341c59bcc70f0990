"""Text as it is searched: the same word however it is accented, spelled or written without blanks.

A log gives the words of its takes and the words that a person types through here, so that both meet. Nothing of this is
shown or kept as what was said.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from onset.slate import sort_key

SLATE, SCENE, SLATED_AS, TAKE = "s", "c", "a", "t"  # what a label is; see `label_word`

_KEY = "\ue000"  # of private use: nobody types it
_ACCENT = re.compile("[\u0300-\u036f]")
# Scripts that put no blanks between words: Thai to Tibetan and Khmer, kana, Han. Each character is a word there.
_UNSPACED = re.compile(
    "([\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003fffd])"
)
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", _KEY: " "}
)


def spaced(text: str) -> str:
    """Words for the index: without accents, in one case, a blank around each character of scripts that have none.

    >>> spaced("Küchentür"), spaced("喝咖啡"), spaced("Straße")
    ('kuchentur', ' 喝  咖  啡 ', 'strasse')
    """
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFKD", text)))
    return _UNSPACED.sub(r" \1 ", bare.casefold().translate(_LETTERS))


@lru_cache(maxsize=16_384)
def label_word(kind: str, label: str) -> str:
    """One word that stands for a label in every spelling, and that nobody can type.

    >>> label_word(SLATE, "042c") == label_word(SLATE, "42C") != label_word(SCENE, "42C")
    True
    """
    key = "".join(char if char.isalnum() else chr(0xE001 + ord(char) % 0x800) for char in sort_key(label))
    return f"{_KEY}{kind}{key}"


def label_words(slate: str | None, take: str | None, scene: str | None, slated_as: str | None) -> str:
    """The words of a take's labels, for the index."""
    labels = (
        (SLATE, slate),
        (TAKE, take),
        (SCENE, scene),
        (SLATED_AS, (slated_as or "").rpartition("/")[0] or slated_as),
    )
    return " ".join(label_word(kind, label) for kind, label in labels if label)
