"""What is typed to find takes: read as it was meant, written back as it was read, and wrong words named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.domain.note import Audience
from onset.domain.take import Kind, State, Status
from onset.errors import UsageError
from onset.logbook.query import KEYS, Term, filter_of, option, parse, terms, words_of
from onset.logbook.terms import Part, TakeFilter
from onset.slate import sort_key

_values = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["42C", "a b", 'a"b', "a\\b", '"', "\\", "a,b", "tag:x", " ", '12"', "-", "ü", "喝咖啡", "x" * 300]
)
_groups = st.lists(st.lists(_values, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
_scene = st.none() | _values.filter(
    lambda text: ".." not in text and not text.startswith(".") and not text.endswith(".")
)
_day = st.none() | st.integers(1, 9_999)


def _some(
    kind: type[Status] | type[State] | type[Kind] | type[Audience],
) -> st.SearchStrategy[tuple[object, ...] | None]:
    return st.none() | st.lists(st.sampled_from(list(kind)), min_size=1, unique=True).map(tuple)


def _in_order(pair: tuple[object, object]) -> bool:
    first, last = pair
    if first is None and last is None:
        return False
    if isinstance(first, int) and isinstance(last, int):
        return first <= last
    if isinstance(first, str) and isinstance(last, str):
        return sort_key(first) <= sort_key(last)
    return True


_parts = st.lists(st.sampled_from(list(Part)), unique=True, max_size=4).map(tuple)
_filters = st.builds(
    TakeFilter,
    unit=st.none() | _values,
    day=st.none(),
    days=st.none() | st.tuples(_day, _day).filter(_in_order),
    episode=st.none() | st.just("") | _values,
    scene=st.none() | st.just("") | _values,
    scenes=st.none() | st.tuples(_scene, _scene).filter(_in_order),
    slate=st.none() | st.just("") | _values,
    states=_some(State),
    statuses=_some(Status),
    kinds=_some(Kind),
    cameras=_groups,
    rolls=_groups,
    tags=_groups,
    ratings=st.lists(st.tuples(_values.filter(lambda text: "=" not in text), st.none() | _values), max_size=2).map(
        tuple
    ),
    audiences=_some(Audience),
    has=_parts,
    lacks=_parts,
    mos=st.none() | st.booleans(),
    tail_slate=st.none() | st.booleans(),
    added=st.none() | st.booleans(),
    text=st.none() | st.text(max_size=30) | st.lists(_values).filter(bool).map(" ".join),
    deleted=st.booleans(),
    duplicates=st.booleans(),
)


@given(_filters)
def test_filter_written_as_a_query_is_read_as_the_same(wanted: TakeFilter) -> None:
    assert parse(words_of(wanted)) == wanted


@given(st.integers(1, 9_999))
def test_one_day_is_a_day(day: int) -> None:
    assert parse(words_of(TakeFilter(day=day))) == TakeFilter(day=day)


@given(
    st.text()
    | st.lists(st.sampled_from([*(f"{key}:" for key in KEYS), '"', " ", ",", "circled", "3-", "\\"])).map("".join)
)
def test_whatever_is_typed_is_read_or_refused_in_words(typed: str) -> None:
    refused = ""
    try:
        wanted = parse(typed)
    except UsageError as error:
        refused, wanted = str(error), TakeFilter()
    assert not refused or (refused.endswith(".") and "\n" not in refused)
    assert parse(words_of(wanted)) == wanted


def test_query_of_a_working_day() -> None:
    typed = (
        'status:circled,hold camera:B roll:B003 day:3-5 scenes:40-45A lacks:sound rating:director=ok mos:no "the door"'
    )
    assert parse(typed) == TakeFilter(
        statuses=(Status.CIRCLED, Status.HOLD),
        cameras=(("B",),),
        rolls=(("B003",),),
        days=(3, 5),
        scenes=("40", "45A"),
        lacks=(Part.SOUND,),
        ratings=(("director", "ok"),),
        mos=False,
        text="the door",
    )


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", TakeFilter()),
        ("  \t\n", TakeFilter()),
        ("boom  door", TakeFilter(text="boom door")),
        ("10:20:00:00", TakeFilter(text="10:20:00:00")),  # a label, no filter
        ('12" door', TakeFilter(text='12" door')),
        ('"note:boom', TakeFilter(text="note:boom")),  # the quote is still being typed
        ("STATUS:Circled", TakeFilter(statuses=(Status.CIRCLED,))),
        ("status:circled status:ng", TakeFilter(statuses=(Status.CIRCLED, Status.NG))),
        ("kind:false-start,wild_track", TakeFilter(kinds=(Kind.FALSE_START, Kind.WILD_TRACK))),
        ('tag:"rain, heavy",wind', TakeFilter(tags=(("rain, heavy", "wind"),))),
        ("tag:a tag:b", TakeFilter(tags=(("a",), ("b",)))),
        ("day:3", TakeFilter(day=3)),
        ("day:-3", TakeFilter(days=(None, 3))),
        ("scenes:40-1..42", TakeFilter(scenes=("40-1", "42"))),
        ('scene:""', TakeFilter(scene="")),
        ("deleted:yes", TakeFilter(deleted=True)),
    ],
)
def test_typed_words_mean(typed: str, wanted: TakeFilter) -> None:
    assert parse(typed) == wanted


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("statsu:circled", r'no filter "statsu:"; do you mean status:'),
        ("note:boom", r'no filter "note:".*put it in quotes: "note:…"'),
        ("http://x", r'no filter "http:"'),
        ("status:circeld", r'cannot be "circeld"; do you mean status:circled'),
        ("status:", r"it is one of none, circled, hold, ng"),
        ("lacks:sond", r"do you mean lacks:sound"),
        ("kind:wild", r'do you mean kind:"wild track"|it is one of'),
        ("day:0", r"day:3 or day:3-5"),
        ("day:x", r'not "x"'),
        ("day:5-3", r"runs backwards; write day:3-5"),
        ("day:" + "9" * 5000, r"day:3 or day:3-5"),
        ("day:٣", r"day:3 or day:3-5"),
        ("day:3,4", r"takes one value, not 2"),
        ("day:3 day:4", r"day: is there twice"),
        ("scenes:45-40", r"runs backwards"),
        ("scenes:40", r"two scenes"),
        ("scenes:40-1-42", r"parted by dots"),
        ("camera:", r"needs a value, as in camera:A"),
        ("tag:a,", r"needs a value, as in tag:stunt"),
        ("rating:=ok", r"rating:director=circled"),
        ("mos:maybe", r"yes or no"),
        ("\x1b[31m:x status:\x1b[0m", r"\\x1b\[0m"),
    ],
)
def test_wrong_word_is_refused_with_what_would_be_right(typed: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        parse(typed)
    assert len(str(refused.value)) < 400


def test_option_of_a_command_keeps_its_blanks() -> None:
    assert option("tag", "two words, wind") == Term("tag", ("two words", "wind"))
    assert option("tag", '"rain, heavy",two words') == Term("tag", ("rain, heavy", "two words"))
    assert option("scene", "12, the door") == Term("scene", ("12, the door",))


def test_words_add_to_a_filter_that_is_there() -> None:
    narrow = filter_of(terms("tag:b status:ng"), replace(parse("tag:a status:hold"), limit=7))
    assert narrow == TakeFilter(tags=(("a",), ("b",)), statuses=(Status.HOLD, Status.NG), limit=7)
