"""How right an answer about a simulated day is."""

from __future__ import annotations

from dataclasses import dataclass

from onset.domain.camera import LinkState
from onset.match.found import Found
from tests.onset.match.simulated_day import Pair, SimulatedDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of pairs (a take, a clip or sound file).

    Attributes:
        expected: true pairs that a careful person could match from the same papers without asking.
        right: those that came out without a question.
        wrong: not true, and without a question: somebody would believe it.
        flagged: not true, with a question.
        asked: expected pairs that came out with a question only; `missing` those that did not come out.
        silent: true pairs against which a file or a report speaks, and that came out without a question.
        examples: of the wrong and the silent ones, in words.
    """

    expected: int = 0
    right: int = 0
    wrong: int = 0
    flagged: int = 0
    asked: int = 0
    missing: int = 0
    silent: int = 0
    examples: tuple[str, ...] = ()

    def __add__(self, other: Score) -> Score:
        return Score(
            expected=self.expected + other.expected,
            right=self.right + other.right,
            wrong=self.wrong + other.wrong,
            flagged=self.flagged + other.flagged,
            asked=self.asked + other.asked,
            missing=self.missing + other.missing,
            silent=self.silent + other.silent,
            examples=(self.examples + other.examples)[:5],
        )

    @property
    def open(self) -> float:
        """Share of the expected pairs that did not come out, or only with a question."""
        return (self.asked + self.missing) / self.expected if self.expected else 0.0


def score(found: Found, day: SimulatedDay) -> Score:
    """Compare an answer with the truth."""
    links = {(link.take_id, link.medium_id): link for link in found.links if link.state is not LinkState.REFUSED}
    silent: set[Pair] = {pair for pair, link in links.items() if link.question is None}
    asked = set(links) - silent
    expected = day.truth - day.doubtful
    wrong = silent - day.truth - day.either
    unheard = silent & day.contradicted
    examples = [f"wrong: {links[pair].evidence} {pair}" for pair in sorted(wrong)]
    examples += [f"silent: {links[pair].evidence} {pair}" for pair in sorted(unheard)]
    return Score(
        expected=len(expected),
        right=len(expected & silent),
        wrong=len(wrong),
        flagged=len(asked - day.truth - day.either),
        asked=len(expected & asked),
        missing=len(expected - set(links)),
        silent=len(unheard),
        examples=tuple(examples[:5]),
    )
