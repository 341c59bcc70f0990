"""What every log must do with links of files to takes, and how they are undone: part of conformance.py."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.claim import ClaimSource
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.as_json import take_json
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.originals import EVIDENCE, a_card, a_claim, a_clip, a_day, a_sound, brought, wanted
from tests.logging_db.support import OnSet


class LinksOfTheMatcher:
    """The matcher writes what changed; people and recorders are left alone."""

    def test_links_are_written_once_and_shown_in_the_take(self, on_set: OnSet) -> None:
        takes = a_day(on_set)
        clips = brought(on_set, *(a_clip(n) for n in (1, 2, 3)))
        sound = brought(on_set, a_sound(1))[0]
        links = [wanted(take, clip) for take, clip in zip(takes, clips, strict=True)] + [wanted(takes[0], sound)]
        assert on_set.log.write_links("Main", 1, links, seen=on_set.log.arrival()) == 4
        before = on_set.log.arrival()
        assert on_set.log.write_links("Main", 1, links[::-1], seen=before) == 0
        assert on_set.log.arrival() == before
        take = on_set.log.take(takes[0].id)
        assert take is not None
        (angle,) = take.angles
        assert (angle.roll, angle.logged) == ("A014", True)
        (clip,) = angle.clips
        assert (clip.id, clip.link, clip.method, clip.evidence) == (clips[0], LinkState.PROPOSED, "time", EVIDENCE)
        assert (clip.source, clip.reel, clip.decided_by) == (Source.CARD, "A014", "")
        (of_sound,) = take.sound
        assert (of_sound.device, of_sound.roll, [file.id for file in of_sound.files]) == ("MIX", "SR003", [sound])
        assert [(link.take_id, link.media_id) for link in on_set.log.links(day=1)][:2] == [
            (takes[0].id, clips[0]),
            (takes[0].id, sound),
        ]
        assert on_set.log.links(day=2) == []

    def test_changed_evidence_is_one_change_and_a_link_not_wanted_goes(self, on_set: OnSet) -> None:
        takes = a_day(on_set, 2)
        one, two = brought(on_set, a_clip(1), a_clip(2))
        links = [wanted(takes[0], one), wanted(takes[1], two)]
        on_set.log.write_links("Main", 1, links, seen=on_set.log.arrival())
        sure = dataclasses.replace(links[0], state=LinkState.CONFIRMED, question="")
        assert on_set.log.write_links("Main", 1, [sure], seen=on_set.log.arrival()) == 2
        (link,) = on_set.log.links()
        assert (link.media_id, link.state) == (one, LinkState.CONFIRMED)
        assert on_set.log.takes(TakeFilter(text="A014C002")) == []
        asked = dataclasses.replace(links[1], question="two takes fit")
        assert on_set.log.write_links("Main", 1, [sure, asked], seen=on_set.log.arrival()) == 1
        assert [link.question for link in on_set.log.links()] == ["", "two takes fit"]

    def test_a_program_refuses_a_link_in_a_persons_place(self, on_set: OnSet) -> None:
        takes = a_day(on_set, 1)
        (one,) = brought(on_set, a_clip(1))
        refused = dataclasses.replace(wanted(takes[0], one), state=LinkState.REFUSED)
        with pytest.raises(RefusedError, match="Only a person"):
            on_set.log.write_links("Main", 1, [refused], seen=on_set.log.arrival())
        assert not on_set.log.links()

    def test_log_that_moved_on_is_not_written_over(self, on_set: OnSet) -> None:
        takes = a_day(on_set)
        one, two = brought(on_set, a_clip(1), a_clip(2))
        links = [wanted(takes[0], one)]
        log = on_set.log

        def to_the_next_day(take: Take) -> Take:
            log.wrap_day("Main", on_set.stamp())
            log.open_day("Main", 2, "2026-05-30")
            return log.set_take(take.id, {"day": 2})

        moves = (
            lambda: log.set_take(takes[0].id, {"tc_in": "10:00:05:00"}),
            lambda: log.set_angle(takes[1].id, "B", {"roll": "B003"}),
            lambda: log.bring_in([a_clip(3)]),
            lambda: log.decide_link(takes[2].id, two, LinkState.CONFIRMED),
            lambda: log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(1)]),
            lambda: log.delete(takes[1].id),
            lambda: on_set.shoot(),
            lambda: to_the_next_day(takes[2]),
        )
        for move in moves:
            seen = log.arrival()
            move()
            assert log.write_links("Main", 1, links, seen=seen) is None
        assert log.links(day=1) == []  # the one that was decided is of a take of day 2 now
        assert log.write_links("Main", 1, links, seen=log.arrival()) == 1

    def test_what_changes_no_match_stops_none(self, on_set: OnSet) -> None:
        takes = a_day(on_set)
        (one,) = brought(on_set, a_clip(1))
        seen = on_set.log.arrival()
        on_set.log.set_take(takes[0].id, {"status": "circled", "description": "wide"})
        on_set.log.note(takes[0].id, "boom")
        on_set.log.tag(takes[0].id, add=["stunt"])
        on_set.log.bring_in([a_clip(5, day=2)])  # another day's
        on_set.log.set_next(Next(slate="43"))
        assert on_set.log.write_links("Main", 1, [wanted(takes[0], one)], seen=seen) == 1

    def test_word_of_a_person_stands_whatever_the_matcher_wants(self, on_set: OnSet) -> None:
        takes = a_day(on_set)
        one, two, three = brought(on_set, a_clip(1), a_clip(2), a_clip(3))
        log = on_set.log
        log.write_links("Main", 1, [wanted(takes[0], one), wanted(takes[1], two)], seen=log.arrival())
        log.decide_link(takes[0].id, one, LinkState.REFUSED, reason="mis-slated")
        log.decide_link(takes[1].id, one, LinkState.CONFIRMED)
        log.decide_link(takes[1].id, two, LinkState.CONFIRMED)
        again = [wanted(takes[0], one), wanted(takes[2], three)]
        assert log.write_links("Main", 1, again, seen=log.arrival()) == 1  # only the third is the matcher's
        found = {(link.take_id, link.media_id): link for link in log.links()}
        refused, mine = found[takes[0].id, one], found[takes[1].id, one]
        word = (LinkState.REFUSED, log._author, "mis-slated")
        assert (refused.state, refused.decided_by, refused.reason) == word
        assert (mine.state, mine.method, found[takes[1].id, two].method) == (LinkState.CONFIRMED, "person", "time")
        assert [len(angle.clips) for angle in log.takes(TakeFilter(oldest_first=True))[0].angles] == [0]

    def test_person_takes_a_word_back(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        one, two = brought(on_set, a_clip(1), a_clip(2))
        log = on_set.log
        log.write_links("Main", 1, [wanted(take, one)], seen=log.arrival())
        for clip in (one, two):
            log.decide_link(take.id, clip, LinkState.CONFIRMED)
            log.decide_link(take.id, clip, LinkState.PROPOSED)
        (link,) = log.links()  # for the other, nothing but that word spoke
        assert (link.media_id, link.state, link.decided_by) == (one, LinkState.PROPOSED, "")
        assert log.write_links("Main", 1, [], seen=log.arrival()) == 1  # it is the matcher's again
        log.decide_link(take.id, two, LinkState.PROPOSED)
        assert log.links() == []

    def test_links_of_our_recorders_are_left_alone(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        ours = Clip(
            id="", name="42C-1_A.mov", path="media/42C-1_A.mov", camera="A", tc_in=None, tc_source=None, rate="25",
            duration_frames=10,
        )  # fmt: skip
        clip_id = on_set.log.clip_opened(take.id, ours)
        assert on_set.log.write_links("Main", 1, [], seen=on_set.log.arrival()) == 0
        assert on_set.log.write_links("Main", 1, [wanted(take, clip_id)], seen=on_set.log.arrival()) == 0
        with pytest.raises(RefusedError, match=r"42C-1_A\.mov was recorded for 42C/1 by our own recorder"):
            on_set.log.decide_link(take.id, clip_id, LinkState.REFUSED)
        (link,) = on_set.log.links()
        assert (link.state, link.method) == (LinkState.CONFIRMED, "recorder")

    def test_take_or_file_that_is_not_there_is_refused(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1))
        nobody = "0" * 32
        with pytest.raises(RefusedError, match="no clip or sound file"):
            on_set.log.decide_link(take.id, nobody, LinkState.CONFIRMED)
        with pytest.raises(RefusedError, match="no take"):
            on_set.log.decide_link(nobody, one, LinkState.CONFIRMED)
        links = [wanted(take, one), dataclasses.replace(wanted(take, one), media_id=nobody)]
        with pytest.raises(RefusedError, match="no clip or sound file"):
            on_set.log.write_links("Main", 1, links, seen=on_set.log.arrival())
        with pytest.raises(RefusedError, match="Only a person"):
            on_set.log.write_links("Main", 1, [wanted(take, one, LinkState.REFUSED)], seen=on_set.log.arrival())
        assert on_set.log.links() == []

    def test_camera_that_nobody_logged_is_told_from_one_that_was(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1, camera="C"))
        on_set.log.write_links("Main", 1, [wanted(take, one)], seen=on_set.log.arrival())
        found = on_set.log.find_take("last")
        assert [(angle.camera, angle.logged) for angle in found.angles] == [("A", True), ("C", False)]
        found = on_set.log.decide_link(take.id, one, LinkState.CONFIRMED)  # a person says that C was there
        assert [(angle.camera, angle.logged) for angle in found.angles] == [("A", True), ("C", True)]

    def test_link_that_goes_leaves_no_camera_behind(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1, camera="C"))
        on_set.log.write_links("Main", 1, [wanted(take, one)], seen=on_set.log.arrival())
        on_set.log.write_links("Main", 1, [], seen=on_set.log.arrival())
        assert [angle.camera for angle in on_set.log.find_take("last").angles] == ["A"]

    def test_clip_that_holds_two_takes_is_in_both(self, on_set: OnSet) -> None:
        takes = a_day(on_set, 2)
        (one,) = brought(on_set, a_clip(1))
        on_set.log.write_links("Main", 1, [wanted(take, one) for take in takes], seen=on_set.log.arrival())
        found = on_set.log.takes(TakeFilter(oldest_first=True))
        assert [[clip.id for angle in take.angles for clip in angle.clips] for take in found] == [[one], [one]]
        assert len(on_set.log.takes(TakeFilter(text="A014C001"))) == 2

    def test_links_of_a_deleted_take_go_and_come_with_it(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1))
        on_set.log.decide_link(take.id, one, LinkState.CONFIRMED)
        on_set.log.delete(take.id)
        assert on_set.log.links() == []
        with pytest.raises(RefusedError, match="42C/1 is deleted; restore it"):
            on_set.log.decide_link(take.id, one, LinkState.REFUSED)
        on_set.log.restore(take.id)
        assert [link.media_id for link in on_set.log.links()] == [one]

    def test_name_of_an_original_finds_the_takes_it_is_linked_to(self, on_set: OnSet) -> None:
        takes = a_day(on_set)
        one, two, three = brought(on_set, a_clip(1), a_clip(2), a_clip(3))
        log = on_set.log
        links = [wanted(takes[0], one), wanted(takes[1], two, LinkState.CONFIRMED), wanted(takes[2], three)]
        log.write_links("Main", 1, links, seen=log.arrival())
        log.decide_link(takes[2].id, three, LinkState.REFUSED)

        def found(text: str) -> list[str]:
            return [take.label for take in log.takes(TakeFilter(text=text))]

        assert (found("A014C001"), found("a014c002"), found("A014C003")) == (["42C/1"], ["42C/2"], [])
        log.decide_link(takes[2].id, three, LinkState.PROPOSED)
        assert found("A014C003") == ["42C/3"]
        log.bring_in([a_clip(4, card=None), a_clip(1, path="/media/RAID/x.mov")])
        assert found("A014C004") == []

    def test_screens_are_told_of_which_take_a_link_is(self, on_set: OnSet) -> None:
        takes = a_day(on_set, 2)
        (one,) = brought(on_set, a_clip(1))
        feed = on_set.log.feed()
        on_set.log.write_links("Main", 1, [wanted(takes[1], one)], seen=on_set.log.arrival())
        changes = feed.poll()
        assert {(change.entity, change.take_id) for change in changes} == {("link", takes[1].id)}
        on_set.log.write_links("Main", 1, [], seen=on_set.log.arrival())
        assert [(change.take_id, change.field, change.new) for change in feed.poll()] == [(takes[1].id, "deleted", 1)]
        feed.close()

    def test_history_names_the_file_and_not_a_person_for_the_matcher(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1))
        on_set.log.write_links("Main", 1, [wanted(take, one)], seen=on_set.log.arrival())
        lines = [change for change in on_set.log.history(take.id) if change.entity == "link"]
        assert {(line.about, line.author) for line in lines} == {(a_clip(1).name, "onset")}
        of_clip = [line for line in on_set.log.history() if line.entity == "clip"]
        assert {line.about for line in of_clip} == {a_clip(1).name}

    def test_json_of_a_take_tells_where_its_files_come_from(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        card = on_set.log.record_card(a_card())
        clip, sound = brought(on_set, a_clip(1, card=card.id, unreadable="I/O error"), a_sound(1))
        links = [wanted(take, clip, LinkState.CONFIRMED), wanted(take, sound)]
        on_set.log.write_links("Main", 1, links, seen=on_set.log.arrival())
        shown: Any = take_json(on_set.log.find_take("last"))
        keys = ("source", "reel", "card", "method", "evidence", "decided_by", "unreadable", "link")
        of_clip = shown["angles"][0]["clips"][0]
        of_sound = shown["sound"][0]["files"][0]
        assert [of_clip[key] for key in keys] == [
            "card", "A014", card.id, "time", EVIDENCE, None, "I/O error", "confirmed",
        ]  # fmt: skip
        assert [of_sound[key] for key in keys] == ["folder", "SR003", None, "time", EVIDENCE, None, None, "proposed"]


class UndoOfWhatWasDecided:
    """What a person decided comes back; what was brought in does not go."""

    def test_undo_says_which_file_is_no_longer_linked(self, on_set: OnSet) -> None:
        log = on_set.log
        take = a_day(on_set, 1)[0]
        one, two, three = brought(on_set, a_clip(1, name="A014C001.mov"), a_clip(2), a_clip(3))
        log.write_links("Main", 1, [wanted(take, two), wanted(take, three)], seen=log.arrival())
        log.decide_link(take.id, one, LinkState.CONFIRMED)
        log.decide_link(take.id, two, LinkState.CONFIRMED)
        log.decide_link(take.id, three, LinkState.REFUSED, reason="slate of 43")
        log.explain("k", "because", unit="Main", day=1)
        log.explain("k", "because of rain", unit="Main", day=1)
        said = []
        for _ in range(5):
            preview = log.undo_preview()
            said.append(on_set.undo())
            assert preview == said[-1]
        assert said == [
            "difference is again explained",
            "difference no longer explained",
            "A014C003_260529_R1AB no longer refused for 42C/1",
            "A014C002_260529_R1AB no longer confirmed, but proposed, for 42C/1",
            "A014C001 no longer linked to 42C/1",
        ]
        assert [(link.media_id, link.state, link.decided_by) for link in log.links()] == [
            (two, LinkState.PROPOSED, ""),
            (three, LinkState.PROPOSED, ""),
        ]
        assert [on_set.redo() for _ in range(3)] == [
            "A014C001 linked to 42C/1",
            "A014C002_260529_R1AB linked to 42C/1",
            "A014C003_260529_R1AB refused for 42C/1",
        ]
        assert {link.media_id: link.state for link in log.links()} == {
            one: LinkState.CONFIRMED,
            two: LinkState.CONFIRMED,
            three: LinkState.REFUSED,
        }

    def test_facts_are_passed_over(self, on_set: OnSet) -> None:
        log = on_set.log
        take = a_day(on_set, 1)[0]
        log.set_take(take.id, {"status": "circled"})
        card = log.record_card(a_card())
        (one,) = brought(on_set, a_clip(1))
        log.write_links("Main", 1, [wanted(take, one)], seen=log.arrival())
        log.take_claims(ClaimSource.SOUND, "day1.csv", "Main", 1, [a_claim(1)])
        log.clear_card(card.id, by="Kim")
        assert on_set.undo() == "42C/1 no longer circled"
        assert (len(log.media()), len(log.links()), len(log.claims()), log.cards()[0].cleared_by) == (1, 1, 1, "Kim")

    def test_link_that_was_undone_is_the_matchers_again(self, on_set: OnSet) -> None:
        log = on_set.log
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1))
        log.decide_link(take.id, one, LinkState.CONFIRMED)
        on_set.undo()
        assert log.links() == []
        assert log.write_links("Main", 1, [wanted(take, one)], seen=log.arrival()) == 1
        (link,) = log.links()
        assert (link.state, link.method, link.decided_by, link.reason) == (LinkState.PROPOSED, "time", "", "")

    def test_another_seats_word_is_not_undone_by_ones_own(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1))
        on_set.log.decide_link(take.id, one, LinkState.CONFIRMED)
        ben = on_set.other_seat()
        ben.decide_link(take.id, one, LinkState.REFUSED)
        with pytest.raises(RefusedError):
            on_set.undo()
        (link,) = ben.links()
        assert (link.state, link.decided_by) == (LinkState.REFUSED, "Ben")
        if ben._writer is not on_set.log._writer:
            ben.close()

    def test_two_seats_that_match_at_once_write_one_link(self, on_set: OnSet) -> None:
        take = a_day(on_set, 1)[0]
        (one,) = brought(on_set, a_clip(1))
        ben = on_set.other_seat()
        seen = (on_set.log.arrival(), ben.arrival())
        assert on_set.log.write_links("Main", 1, [wanted(take, one)], seen=seen[0]) == 1
        assert ben.write_links("Main", 1, [wanted(take, one)], seen=seen[1]) is None
        assert ben.write_links("Main", 1, [wanted(take, one)], seen=ben.arrival()) == 0
        assert len(on_set.log.links()) == 1
        if ben._writer is not on_set.log._writer:
            ben.close()
