"""A seeded shooting day as the matcher meets it: what each device and each person wrote down of a true day.

`simulate(seed, *faults)` first shoots the day (`true_day.py`), then lets clocks, labels, recorders and people see it,
each with the faults asked for (`day_faults.py`), and keeps the truth beside it for `scoring.py`. Same seed, same day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from onset.match.observed import CameraSays, LoggedTake, Medium, Observed, Said, Side
from tests.onset.match.day_faults import FAULTS
from tests.onset.match.day_plan import Plan
from tests.onset.match.true_day import CAMERAS, DEVICES, RECORDER, Run, TrueDay, TrueTake, shoot

DAY_S = 86_400.0
_FRAME_S = Fraction(1001, 24_000)
_DF_FRAME_S = Fraction(1001, 30_000)
Pair = tuple[str, str]  # a take's id and a medium's


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDay:
    """What was observed, and the truth.

    Attributes:
        truth: pairs that belong together.
        doubtful: true pairs about which a careful person with the same papers would ask: none is expected bare.
        contradicted: true pairs against which a file or report speaks: never right without a question.
        either: strays that ran while the log has a take that their device should be in, and was not yet, no longer, or
            not at all: they hold the take's picture, so that nobody can call such a link wrong, or ask for it.
    """

    observed: Observed
    truth: frozenset[Pair]
    doubtful: frozenset[Pair]
    contradicted: frozenset[Pair]
    either: frozenset[Pair]


@dataclass(slots=True)
class _Card:
    id: str
    reel: str
    typed: str
    runs: list[Run]


def simulate(seed: int, *faults: str) -> SimulatedDay:
    """The day of that seed with those faults."""
    random = Random(f"{seed} {' + '.join(faults)}")
    plan = Plan()
    for fault in faults:
        plan = FAULTS[fault](plan, random)
    return see(plan, random)


def see(plan: Plan, random: Random) -> SimulatedDay:
    """Shoot a day and write down what was seen of it."""
    day = shoot(plan.events, random)
    if plan.compound:
        _compound(day)
    return _Seen(day, plan, random).whole()


def _compound(day: TrueDay) -> None:
    for take in day.takes:
        if int(take.scene) % 3 == 0:
            letters = take.slate.removeprefix(take.scene)
            take.scene = f"{take.scene}+{int(take.scene) + 80}"
            take.slate = take.scene + letters


class _Seen:
    """One day while it is being written down."""

    def __init__(self, day: TrueDay, plan: Plan, random: Random) -> None:
        self.day, self.plan, self.random = day, plan, random
        self.take_ids = [self._id() for _ in day.takes]
        self.logged = [random.random() >= plan.unlogged for _ in day.takes]
        self.called = [self._called(take) for take in day.takes]
        self.cards = {device: self._cards(device) for device in DEVICES}
        self.strays: list[tuple[Run, str]] = []
        self.rolled = [(take.roll_s, take.cut_s) for take in day.takes]  # as the log has it, on a clock that is right
        self.rolls: dict[tuple[int, str], str] = {}
        self.media: list[Medium] = []
        self.said: list[Said] = []
        self.truth: set[Pair] = set()
        self.doubtful: set[Pair] = set()
        self.contradicted: set[Pair] = set()

    def _id(self) -> str:
        return f"{self.random.getrandbits(48):012x}"

    def whole(self) -> SimulatedDay:
        for device in DEVICES:
            self._see_device(device)
        self._reports()
        takes = [self._logged(number) for number, there in enumerate(self.logged) if there]
        for each in (takes, self.media, self.said):
            self.random.shuffle(each)
        observed = Observed(takes=tuple(takes), media=tuple(self.media), said=tuple(self.said))
        return SimulatedDay(
            observed=observed,
            truth=frozenset(self.truth),
            doubtful=frozenset(self.doubtful),
            contradicted=frozenset(self.contradicted),
            either=frozenset(self._either()),
        )

    # -- the log --------------------------------------------------------------------------------------------------

    def _called(self, take: TrueTake) -> tuple[str, str]:
        """Slate and take as the slate had them, which is not always what the log has."""
        if take.wild or self.random.random() >= self.plan.misslated:
            return take.slate, str(take.take)
        return take.slate, str(take.take - 1 if take.take > 1 and self.random.random() < 0.5 else take.take + 1)

    def _latency(self) -> float:
        return self.random.gauss(1.2, 1.2)

    def _keys(self, number: int) -> tuple[float, float]:
        """When roll and cut were pressed: nobody foresees a roll, some a cut, and now and then hands are full."""
        take, random, after = self.day.takes[number], self.random, self.day.takes[number + 1 : number + 2]
        roll, cut = take.roll_s + self._latency(), take.cut_s + self._latency()
        if random.random() < self.plan.late_keys:
            roll += min(random.uniform(5, 40), 0.7 * (take.cut_s - take.roll_s))
        if random.random() < self.plan.late_keys:
            cut = min(cut + random.uniform(5, 40), after[0].roll_s - 1 if after else cut + 40)
        return roll, max(cut, roll + 1)

    def _logged(self, number: int) -> LoggedTake:
        take, plan, random = self.day.takes[number], self.plan, self.random
        roll, cut = self.rolled[number] = self._keys(number)
        source = plan.label_source
        if plan.labels_change and take.roll_s > self.day.middle_s:
            source = "clock"
        measured = random.random() >= plan.afterwards
        if not measured:
            roll = round((roll + random.uniform(-720, 720)) / 60) * 60.0
            cut = roll + max(1, round((take.cut_s - take.roll_s) / 30)) * 30.0
            source = None
            self.doubtful |= {pair for pair in self.truth if pair[0] == self.take_ids[number]}
        shift = plan.logger_off_s if source in (None, "clock") else 0.0
        slate, called = self.called[number]
        wrong = (slate, called) != (take.slate, str(take.take))
        cut_known = random.random() >= 0.01
        cameras = {
            letter: CameraSays(roll=self.rolls.get((number, letter)))
            for letter in CAMERAS
            if plan.cameras_noted and letter in take.cameras
        }
        return LoggedTake(
            id=self.take_ids[number],
            wall_s=roll + plan.logger_off_s,
            wall_end_s=cut + plan.logger_off_s if cut_known else None,
            scene=take.scene,
            slate=take.slate,
            take=str(take.take),
            label_s=self._stamped(roll, source, shift),
            label_end_s=self._stamped(cut, source, shift) if cut_known else None,
            label_source=source,
            cameras=cameras,
            picture=not take.wild,
            sound=not take.mos,
            sound_roll=self.cards[RECORDER][0].reel,
            slated_as=f"{slate}/{called}" if wrong and plan.noticed else None,
            measured=measured,
        )

    def _stamped(self, now_s: float, source: str | None, shift_s: float) -> float | None:
        """The label that the log gives a moment."""
        if source is None:
            return None
        if self.plan.label_clock and source != "clock":
            return self._label(self.plan.label_clock, now_s)
        return _shown(now_s + shift_s)

    # -- devices --------------------------------------------------------------------------------------------------

    def _cards(self, device: str) -> list[_Card]:
        """A device's runs, parted into cards as they were changed."""
        runs, random, cards = list(self.day.runs[device]), self.random, list[_Card]()
        if device == RECORDER:
            return [_Card(self._id(), "261121", "261121", runs)]
        first = random.randint(1, 40)
        while runs:
            held = random.randint(8, 20)
            held = len(runs) if len(runs) - held < 4 else held
            number = first + len(cards)
            if self.plan.twins and device == "B" and len(cards) == 1:
                number = first
            reel = f"{device}{number:03d}"
            typed = f"{device}{number - 1:03d}" if random.random() < self.plan.wrong_rolls else reel
            cards.append(_Card(self._id(), reel, typed, runs[:held]))
            runs = runs[held:]
        return cards

    def _see_device(self, device: str) -> None:
        plan, random = self.plan, self.random
        hour = Fraction(3600)
        counted = random.randint(1, 20) * hour  # where a device that counts only while it rolls has arrived
        # Many devices stamp their files by a clock of their own that somebody set by hand, or nobody; copies made
        # without care have the time of the copying.
        stamped, copied = random.choice(("", "start", "end", "copied")), random.uniform(19, 23) * 3600
        clock_off = random.gauss(0, 20) + random.choice((0, 0, 0, -3600, 3600))
        letters = "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=4))
        for card in self.cards[device]:
            if plan.clock(device).rec_run == "restart":
                counted = hour
            for number, run in enumerate(card.runs, 1):
                length = run.end_s - run.start_s
                start = run.start_s
                if device == RECORDER:
                    start, length = start - plan.preroll_s, length + plan.preroll_s
                if plan.clock(device).rec_run:
                    label = float(counted)
                    counted += round(Fraction(length) / _FRAME_S) * _FRAME_S
                else:
                    label = self._label(device, start)
                if device in CAMERAS and random.random() < plan.offspeed:
                    length *= random.choice((0.5, 2.0, 2.5, 4.0))
                copied += length / 20
                created = {"start": run.start_s, "end": run.end_s, "copied": copied}.get(stamped)
                self._see(
                    run,
                    Medium(
                        id=self._id(),
                        side=Side.SOUND if device == RECORDER else Side.PICTURE,
                        device="" if plan.nameless and device == "B" and card is self.cards["B"][-1] else device,
                        card=card.id,
                        name=_named(device, card.reel, number, letters),
                        reel=card.reel,
                        number=number,
                        start_s=label,
                        length_s=float(round(Fraction(length) / _FRAME_S) * _FRAME_S),
                        ahead_s=plan.preroll_s if device == RECORDER and plan.declared else 0.0,
                        created_s=None if created is None else float(round(created + clock_off)),
                        **self._says(device, run),
                    ),
                )
                for take in run.takes:
                    self.rolls[take, device] = card.typed

    def _label(self, device: str, now_s: float) -> float:
        """What a device's timecode shows at a moment, in seconds, modulo a day."""
        clock, zero = self.plan.clock(device), self.day.takes[0].roll_s if self.plan.clock(device).jammed else 0.0
        if now_s > self.day.takes[int(len(self.day.takes) * clock.jump_at)].roll_s - 15:
            now_s += clock.jump_s
        shown = Fraction(now_s + clock.offset_s - zero) * clock.ratio + Fraction(zero)
        if clock.drop_as_nondrop:
            frames = int(shown / _DF_FRAME_S)
            tens, rest = divmod(frames, 17_982)
            return float((frames + 18 * tens + 2 * max(0, (rest - 2) // 1798)) * _DF_FRAME_S) % DAY_S
        return _shown(float(shown))

    def _says(self, device: str, run: Run) -> dict[str, str]:
        """What a file says of scene and take; typed once, so a file of several takes says the first."""
        if not run.takes or not (
            (self.plan.names and device == RECORDER) or (self.plan.clip_names and device in CAMERAS)
        ):
            return {}
        slate, take = self.called[run.takes[0]]
        if self.random.random() < self.plan.misspelt:
            take = str(int(take) + 1 if take == "1" or self.random.random() < 0.3 else int(take) - 1)
        return {"scene": slate, "take": take}

    def _see(self, run: Run, medium: Medium) -> None:
        self.media.append(medium)
        if not run.takes:
            self.strays.append((run, medium.id))
        for position, number in enumerate(run.takes):
            if not self.logged[number]:
                continue
            pair = (self.take_ids[number], medium.id)
            self.truth.add(pair)
            take = self.day.takes[number]
            if not medium.take:
                continue
            slate, called = self.called[number]
            believed = {(take.slate, str(take.take))} | ({(slate, called)} if self.plan.noticed else set())
            if (medium.scene, medium.take) not in believed:
                self.doubtful.add(pair)
                if position == 0 and len(run.takes) == 1:
                    self.contradicted.add(pair)

    def _either(self) -> Iterator[Pair]:
        for run, medium in self.strays:
            for number, take in enumerate(self.day.takes):
                has = not take.mos if run.device == RECORDER else run.device in take.cameras
                begin, end = min(take.roll_s, self.rolled[number][0]), max(take.cut_s, self.rolled[number][1])
                common = min(run.end_s, end) - max(run.start_s, begin)
                if has and common > min(3.0, (run.end_s - run.start_s) / 2, (end - begin) / 2):
                    yield self.take_ids[number], medium

    # -- reports --------------------------------------------------------------------------------------------------

    def _reports(self) -> None:
        """Camera reports: a row for each clip of a take, now and then with the neighbour's name in it."""
        if not self.plan.reports:
            return
        by_id = {medium.id: medium for medium in self.media}
        of_take: dict[tuple[int, str], list[Medium]] = {}
        numbers = {identity: number for number, identity in enumerate(self.take_ids)}
        for take_id, medium_id in sorted(self.truth):
            medium = by_id[medium_id]
            if medium.side is Side.PICTURE:
                of_take.setdefault((numbers[take_id], medium.reel[0]), []).append(medium)
        for (number, device), held in sorted(of_take.items()):
            take = self.day.takes[number]
            for medium in sorted(held, key=lambda each: each.name):
                named = medium
                if self.random.random() < self.plan.misreported:
                    named = self._neighbour(medium)
                    if named is not medium:
                        self._misreported(self.take_ids[number], medium, named, alone=len(held) == 1)
                self.said.append(
                    Said(
                        side=Side.PICTURE, device=device, slate=take.slate, take=str(take.take),
                        name=named.name, roll=named.reel,
                    )
                )  # fmt: skip

    def _neighbour(self, medium: Medium) -> Medium:
        step = self.random.choice((-1, 1))
        for each in self.media:
            if each.card == medium.card and each.number == (medium.number or 0) + step:
                return each
        return medium

    def _misreported(self, take_id: str, medium: Medium, named: Medium, *, alone: bool) -> None:
        touched = {(take, each) for take, each in self.truth if each in (medium.id, named.id) or take == take_id}
        self.doubtful |= touched
        if alone and (take_id, named.id) not in self.truth:
            self.contradicted.add((take_id, medium.id))


def _shown(seconds: float) -> float:
    """A moment as a label shows it: whole frames, modulo a day."""
    return float(int(Fraction(seconds) / _FRAME_S) * _FRAME_S) % DAY_S


def _named(device: str, reel: str, number: int, letters: str) -> str:
    """A file's name as that maker writes it."""
    if device == RECORDER:
        return f"{reel}_{number:03d}"
    if device == "A":
        return f"{reel}C{number:03d}_261121_R{letters[:3]}"
    return f"{reel}_C{number:03d}_1121{letters[:2]}"
