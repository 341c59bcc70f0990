"""A matcher that changes its mind and two people who decide, at random; a dictionary says which links must stand."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from logging_db.logbook import log_in_memory
from onset.domain.camera import LinkState
from onset.logbook.terms import Next, TakeFilter, WantedLink
from tests.logging_db.originals import a_clip, brought
from tests.logging_db.support import OnSet, a_clock, assert_projections_are_a_rebuild

Pair = tuple[int, int]  # numbers of the take and of the clip
Standing = tuple[LinkState, str, bool]  # state, evidence, whether a person decided it
pairs = st.tuples(st.integers(0, 2), st.integers(0, 2))
found = st.tuples(st.sampled_from([LinkState.PROPOSED, LinkState.CONFIRMED]), st.sampled_from(["by time", "by name"]))


class LinksOfADay(RuleBasedStateMachine):
    """The log in memory beside the dictionary."""

    def __init__(self) -> None:
        super().__init__()
        clock = a_clock()
        log = log_in_memory(rate="25", folder=Path(tempfile.gettempdir()), clock=clock)
        self.on_set = OnSet(log, clock)
        self.seats = (log, self.on_set.other_seat())
        log.set_next(Next(slate="42C"))
        self.takes = [self.on_set.shoot().id for _ in range(3)]
        self.clips = brought(self.on_set, *(a_clip(number) for number in range(3)))
        self.links: dict[Pair, Standing] = {}

    @rule(seat=st.integers(0, 1), wanted=st.dictionaries(pairs, found, max_size=5))
    def match(self, seat: int, wanted: dict[Pair, tuple[LinkState, str]]) -> None:
        links = [
            WantedLink(take_id=self.takes[t], media_id=self.clips[c], state=state, method="time", evidence=evidence)
            for (t, c), (state, evidence) in wanted.items()
        ]
        after = {pair: one for pair, one in self.links.items() if one[2]}
        after |= {pair: (*one, False) for pair, one in wanted.items() if pair not in after}
        differing = {pair for pair in self.links.keys() | after.keys() if self.links.get(pair) != after.get(pair)}
        log = self.seats[seat]
        assert log.write_links("Main", 1, links, seen=log.arrival()) == len(differing)
        self.links = after

    @rule(seat=st.integers(0, 1), pair=pairs, state=st.sampled_from(list(LinkState)))
    def decide(self, seat: int, pair: Pair, state: LinkState) -> None:
        before = self.links.get(pair)
        self.seats[seat].decide_link(self.takes[pair[0]], self.clips[pair[1]], state)
        evidence = before[1] if before else ""
        if state is not LinkState.PROPOSED:
            self.links[pair] = (state, evidence, True)
        elif before is not None and before[2] and evidence:
            self.links[pair] = (state, evidence, False)
        elif before is not None and before[2]:
            del self.links[pair]  # nothing but that word spoke for it

    @rule(number=st.integers(0, 2))
    def delete_and_restore(self, number: int) -> None:
        self.on_set.log.delete(self.takes[number])
        self.on_set.log.restore(self.takes[number])

    @invariant()
    def links_are_those_of_the_dictionary(self) -> None:
        stand = {
            (self.takes.index(link.take_id), self.clips.index(link.media_id)): (
                link.state,
                link.evidence,
                bool(link.decided_by),
            )
            for link in self.seats[1].links(day=1)
        }
        assert stand == self.links

    @invariant()
    def takes_show_and_search_finds_what_is_not_refused(self) -> None:
        log = self.seats[0]
        shown = {
            (self.takes.index(take.id), self.clips.index(clip.id))
            for take in log.takes()
            for angle in take.angles
            for clip in angle.clips
        }
        assert shown == {pair for pair, one in self.links.items() if one[0] is not LinkState.REFUSED}
        for number in range(3):
            hits = {self.takes.index(take.id) for take in log.takes(TakeFilter(text=f"A014C00{number}"))}
            assert hits == {t for t, c in shown if c == number}

    def teardown(self) -> None:
        assert_projections_are_a_rebuild(self.on_set.log)
        self.on_set.log.close()


class LinksForAMoment(LinksOfADay):
    """The same, as long as the quick tests may take."""


LinksOfADay.TestCase.settings = settings(max_examples=200, stateful_step_count=15, deadline=None)
LinksForAMoment.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestLinksOfADay = pytest.mark.faults(pytest.mark.timeout(600)(LinksOfADay.TestCase))
TestLinksForAMoment = LinksForAMoment.TestCase
