"""Simulated shooting days through the matcher, each fault alone and all pairs of faults, beside the largest overlap.

Run by `make soak` (`python -m benchmarks.soak.match_days DAYS DAYS_A_PAIR FIRST_SEED` for others; 100, 4 and 1000 by
default: the tests use the first seeds, and the matcher was made to pass those).
Prints the tables of docs/benchmarks.md, section "Matching". The simulator, its faults and the scoring are those of the
tests (tests/onset/match), which gate on fewer days of the same kind.

The peer is what most programs on set do: of the clips whose timecode overlaps a take's, the one that overlaps longest.
It is ambiguous, and so a question, where a second clip reaches half of that overlap.
"""

from __future__ import annotations

import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from onset.domain.camera import LinkState
from onset.match.found import Evidence, Found, FoundLink
from onset.match.observed import LoggedTake, Medium, Observed, Side
from onset.match.solve import match
from tests.onset.match.day_faults import FAULTS, JUMPS, REC_RUN, pairs
from tests.onset.match.scoring import Score, score
from tests.onset.match.simulated_day import simulate

_SHOWN = 100  # misses that are told in words
_LONGEST_S = 7_200.0  # no clip is longer: how far back one that still overlaps can have begun


def largest_overlap(observed: Observed) -> Found:
    """The peer's answer."""
    held: dict[tuple[Side, str], list[tuple[float, Medium]]] = {}
    for medium in observed.media:
        if medium.start_s is not None:
            held.setdefault((medium.side, medium.device), []).append((medium.start_s, medium))
    for clips in held.values():
        clips.sort(key=lambda each: (each[0], each[1].id))
    links: list[FoundLink] = []
    for take in observed.takes:
        for (side, device), clips in held.items():
            if side is Side.PICTURE and (not take.picture or (take.cameras and device not in take.cameras)):
                continue
            if side is Side.SOUND and not take.sound:
                continue
            links += _longest(take, device, clips)
    return Found(links=tuple(links))


def _longest(take: LoggedTake, device: str, clips: Sequence[tuple[float, Medium]]) -> Iterable[FoundLink]:
    start, end = (take.wall_s, take.wall_end_s) if take.label_s is None else (take.label_s, take.label_end_s)
    if end is None:
        return
    overlaps = []
    for at, medium in clips[bisect_left(clips, start - _LONGEST_S, key=lambda each: each[0]) :]:
        if at > end:
            break
        overlap = min(end, at + (medium.length_s or 0.0)) - max(start, at)
        if overlap > 0:
            overlaps.append((overlap, medium.id))
    overlaps.sort(reverse=True)
    if overlaps:
        unsure = len(overlaps) > 1 and overlaps[1][0] >= overlaps[0][0] / 2
        yield FoundLink(
            take_id=take.id, medium_id=overlaps[0][1], camera=device, state=LinkState.PROPOSED, method=Evidence.TIME,
            kinds=frozenset({Evidence.TIME}), evidence="largest overlap",
            question="a second clip overlaps nearly as long" if unsure else None,
        )  # fmt: skip


def scored(solve: Callable[[Observed], Found], days: range, *faults: str) -> Score:
    """A method's score over the days of these seeds with these faults."""
    total = Score()
    for seed in days:
        day = simulate(seed, *faults)
        total += score(solve(day.observed), day)
    return total


def columns(each: Score) -> str:
    """Right, wrong and open, in percent of what was expected (wrong: a count too, for it has to be none)."""
    share = 100 / max(1, each.expected)
    return f"{each.right * share:.1f} | {each.wrong} ({each.wrong * share:.2f} %) | {each.open * 100:.1f}"


def bar(faults: Iterable[str]) -> float:
    """How much may stay open."""
    names = tuple(faults)
    if len(names) > 1:
        return 0.10
    return 0.05 if set(names) & (REC_RUN | JUMPS) else 0.02


def main() -> int:
    asked = [int(each) for each in sys.argv[1:]]
    count, pair_count, seed = (*asked, *(100, 4, 1000)[len(asked) :])
    days, pair_days = range(seed, seed + count), range(seed, seed + pair_count)
    begun = time.perf_counter()
    missed: list[str] = []

    def judge(name: str, each: Score, limit: float) -> None:
        if each.wrong or each.silent or each.open > limit:
            missed.append(
                f"{name}: wrong {each.wrong}, silent {each.silent}, open {each.open:.1%}; {each.examples[:2]}"
            )

    print(f"{count} days a fault, from seed {seed}; right, wrong and open in % of what a careful person could match\n")
    print("| fault | overlap: right | wrong | open % | onset: right | wrong | open % | bar |")
    print("|---|---|---|---|---|---|---|---|")
    for fault in FAULTS:
        ours, peer = scored(match, days, fault), scored(largest_overlap, days, fault)
        print(f"| {fault} | {columns(peer)} | {columns(ours)} | {bar([fault]) * 100:.0f} |", flush=True)
        judge(fault, ours, bar([fault]))
    print(f"\n{pair_count} days a pair of faults, {len(pairs())} pairs\n")
    total, peers, worst = Score(), Score(), list[tuple[float, str]]()
    for pair in pairs():
        ours = scored(match, pair_days, *pair)
        total, peers = total + ours, peers + scored(largest_overlap, pair_days, *pair)
        worst.append((ours.open, " + ".join(pair)))
        judge(" + ".join(pair), ours, bar(pair))
    print("| all pairs | right | wrong | open % |\n|---|---|---|---|")
    print(f"| largest overlap | {columns(peers)} |\n| onset | {columns(total)} |")
    worst.sort(reverse=True)
    print("\nMost open: " + "; ".join(f"{name} {share:.1%}" for share, name in worst[:12]))
    print(f"\n{time.perf_counter() - begun:.0f} s. Bars: " + ("met" if not missed else f"{len(missed)} MISSED"))
    print("\n".join(missed[:_SHOWN]))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
