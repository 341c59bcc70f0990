"""A day observed in another way that means the same must give the same links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from onset.match.found import Found
from onset.match.observed import Medium, Observed
from onset.match.solve import Matcher, match
from tests.onset.match.day_faults import FAULTS, REC_RUN
from tests.onset.match.simulated_day import DAY_S, simulate

_FRAME_S = 1001 / 24_000
_TESTED = (
    "none", "B off 15-240 s", "B jumps 8 s", "never jammed", "A rec run, cards restart", "sound 24 for 23.976",
    "B through two takes", "rolled again", "names misspelt", "reports with errors", "midnight", "more strays",
)  # fmt: skip
assert set(_TESTED) <= set(FAULTS)

# The same days in each run: what is new is found by the soak, what is committed stays green.
seldom = settings(max_examples=10, deadline=None, derandomize=True)
days = st.tuples(st.integers(0, 10_000), st.sampled_from(_TESTED))

Day = tuple[int, str]
Link = tuple[str, str, bool]


def links(found: Found) -> set[Link]:
    """Which pairs came out, and which of them with a question."""
    return {(link.take_id, link.medium_id, link.question is None) for link in found.links}


def of_media(observed: Observed, change: Callable[[Medium], Medium]) -> Observed:
    return replace(observed, media=tuple(change(medium) for medium in observed.media))


@seldom
@given(days, st.sampled_from(("A", "B", "MIX")), st.integers(-2_000_000, 2_000_000))
def test_device_shifted_by_a_constant(day: Day, device: str, frames: int) -> None:
    observed = simulate(*day).observed

    def shifted(medium: Medium) -> Medium:
        if medium.device != device or medium.start_s is None:
            return medium
        return replace(medium, start_s=(medium.start_s + frames * _FRAME_S) % DAY_S)

    assert links(match(of_media(observed, shifted))) == links(match(observed))


@seldom
@given(days, st.integers(0, 1000))
def test_another_order_of_arrival(day: Day, seed: int) -> None:
    observed = simulate(*day).observed
    random = Random(seed)
    shuffled = replace(
        observed,
        takes=tuple(random.sample(observed.takes, len(observed.takes))),
        media=tuple(random.sample(observed.media, len(observed.media))),
        said=tuple(random.sample(observed.said, len(observed.said))),
    )
    assert match(shuffled) == match(observed)


@seldom
@given(days)
def test_roll_renamed_everywhere(day: Day) -> None:
    observed = simulate(*day).observed
    reel = min(medium.reel for medium in observed.media if medium.device == "A")

    def renamed(text: str) -> str:
        return text.replace(reel, "A777")

    takes = tuple(
        replace(
            take,
            cameras={
                letter: replace(says, roll=None if says.roll is None else renamed(says.roll))
                for letter, says in take.cameras.items()
            },
        )
        for take in observed.takes
    )
    said = tuple(replace(row, name=renamed(row.name), roll=renamed(row.roll)) for row in observed.said)
    other = of_media(
        replace(observed, takes=takes, said=said),
        lambda medium: replace(medium, reel=renamed(medium.reel), name=renamed(medium.name)),
    )
    assert links(match(other)) == links(match(observed))


@seldom
@given(days, st.integers(0, 10_000))
def test_one_clip_missing(day: Day, which: int) -> None:
    """Only the takes that it was linked to may change.

    In record run a file's neighbours are the evidence for its place, so that one of them less may raise a question, or
    settle one; what stood without a question stays the same file all the same.
    """
    observed = simulate(*day).observed
    gone = observed.media[which % len(observed.media)]
    before = links(match(observed))
    after = links(match(replace(observed, media=tuple(each for each in observed.media if each is not gone))))
    touched = {take for take, medium, _ in before if medium == gone.id}
    before = {each for each in before if each[0] not in touched}
    after = {each for each in after if each[0] not in touched}
    if day[1] in REC_RUN and gone.device == "A":
        assert {each[:2] for each in before if each[2]} <= {each[:2] for each in after}
        assert {each[:2] for each in after if each[2]} <= {each[:2] for each in before}
    else:
        assert after == before


@seldom
@given(days, st.integers(2, 6))
def test_card_offloaded_in_two_halves(day: Day, first: int) -> None:
    observed = simulate(*day).observed
    card = min(medium.card for medium in observed.media if medium.device == "A")
    clips = sorted((medium for medium in observed.media if medium.card == card), key=lambda medium: medium.number or 0)
    later = {medium.id for medium in clips[first:]}
    other = of_media(observed, lambda medium: replace(medium, card="again") if medium.id in later else medium)
    assert links(match(other)) == links(match(observed))


@settings(max_examples=2, deadline=None, derandomize=True)
@given(days, st.integers(0, 1000))
def test_media_that_come_one_at_a_time(day: Day, seed: int) -> None:
    """A warm matcher knows no more and no less than a fresh one, at every step that is looked at."""
    observed = simulate(*day).observed
    arrivals = Random(seed).sample(observed.media, len(observed.media))
    matcher = Matcher()
    for count in range(len(arrivals) + 1):
        now = replace(observed, media=tuple(arrivals[:count]))
        found = matcher.match(now)
        if count % 40 == 0 or count == len(arrivals):
            assert found == match(now), f"after {count}"


@seldom
@given(days, st.integers(0, 1000))
def test_takes_that_come_after_the_media(day: Day, seed: int) -> None:
    observed = simulate(*day).observed
    matcher = Matcher()
    matcher.match(replace(observed, takes=()))
    some = Random(seed).sample(observed.takes, len(observed.takes) // 2)
    matcher.match(replace(observed, takes=tuple(some)))
    assert matcher.match(observed) == match(observed)
