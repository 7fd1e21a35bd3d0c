"""Ties are settled by chance, and chance favours nobody: ten thousand draws of small meetings, by the real words, bits and placement.

A meeting is heard once; each draw then has a word of its own, from which seed, lots, tickets and placement follow as they do
in a meeting. The words are numbered, so that the same draws come out every time. A hundred draws are placed at a time, as if
a hundred panels with nobody in common met in one room: their objectives are sums, so that all of them are least together where
each is least by itself (a test holds it against placing them one by one).

The interval: of n = 10,000 draws that each go one way with probability p, the count lies within n p ± 3.29 sqrt(n p (1 - p))
in 99.9 of 100 such tests (3.29 standard deviations leave 0.05 of 100 on either side).
    p = 1/2    5,000 ± 3.29 x 50      = 5,000 ± 164    4,836 to 5,164
    p = 1/3    3,333 ± 3.29 x 47.14   = 3,333 ± 155    3,179 to 3,488
"""

from __future__ import annotations

import datetime as dt
import functools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from panel import events as ev
from panel.deciding.casework import Casework, hear
from panel.deciding.chance import bits, seed
from panel.deciding.decision import Case, settle
from panel.deciding.opening import agenda_digest, freeze
from panel.deciding.weighing import problem
from panel.facts.candidates import MeetingFacts
from panel.placing.placement import place
from panel.placing.problem import Objective, Placing, Problem, Room, Sum
from panel.state.records import Recorded
from rules.book import Rulebook
from rules.evaluate import Evaluation
from rules.rulebook import Shelf
from tests.running import Panel
from tests.test_laws_of_placement import shuffled

DRAWS: Final = 10_000
HALF: Final = range(4836, 5165)
THIRD: Final = range(3179, 3489)
ON: Final = dt.date(2026, 11, 12)
A, B, C, D = "100001", "100002", "100003", "100004"

BOOK: Final = """\
rulebook: even
edition: {from: 2026-09-01}
title: Nothing but chance
authority: {instrument: Invented}
limits:
  - id: places
    per: year_group
    room: year.pan - year.on_roll
    say: There is room for {room}.
    examples:
      - {name: one, given: {year.pan: 4, year.on_roll: 3}, expect: 1}
      - {name: none, given: {year.pan: 4, year.on_roll: 4}, expect: 0}
bars:
  - id: apart
    when: candidate.kept_apart != "none"
    say: To be kept apart.
    examples:
      - {name: police, given: {candidate.kept_apart: police}, expect: fires}
      - {name: none, given: {candidate.kept_apart: none}, expect: silent}
objectives: [place, ticket, lottery]
"""


@functools.cache
def rules() -> tuple[Rulebook, Evaluation]:
    rulebook = Shelf.of([(BOOK, "even.yaml")]).in_force("even", ON)
    return rulebook, Evaluation(rulebook)


def events(choices: Mapping[str, str], places: Mapping[str, int]) -> list[ev.Event]:
    """Schools with so many places in year 9; pupils, each with the schools, named by letter, that are open to them."""
    urns = dict(zip("ABC", (A, B, C), strict=True))
    made: list[ev.Event] = []
    for letter, room in places.items():
        years = (ev.YearPlaces(year_group=9, pan=room, on_roll=0),)
        made += [ev.SchoolRecorded(urn=urns[letter], name=letter), ev.PlacesRecorded(urn=urns[letter], as_at=ON, years=years)]
    for pupil, open_to in choices.items():
        case = ev.ReferralCase(kept_apart={urns[letter]: "police" for letter in places if letter not in open_to}, ehcp=False)
        made.append(ev.ReferralMade(referral=f"R{pupil}", pupil=pupil, referral_kind="fair_access", year_group=9, made_on=ON, case=case))
    return made


@dataclass(frozen=True, slots=True)
class Heard:
    """A meeting that waits for its draw."""

    digest: str
    facts: MeetingFacts
    casework: Casework

    @classmethod
    def of(cls, made: Iterable[ev.Event], *, at: str = "") -> Heard:
        """The first meeting, as the events leave it; all recorded at one time."""
        rulebook, evaluation = rules()
        record = [Recorded(seq, at, event) for seq, event in enumerate(made, start=1)]
        opened = freeze(record, rulebook, evaluation, meeting=1, on=ON, chair="C")
        facts = MeetingFacts.frozen(opened, rulebook)
        return cls(opened.agenda_digest, facts, hear(facts, rulebook, evaluation))

    def problem(self, words: Sequence[str], rulebook: Rulebook | None = None) -> Problem:
        return problem(self.casework, self.facts, rulebook or rules()[0], seed=seed(self.digest, words), fixed={})

    def draws(self, many: int) -> list[Problem]:
        """The problem after each of so many draws, of one word each."""
        return [self.problem([str(n)]) for n in range(many)]

    def placing(self, words: Sequence[str]) -> Placing:
        return place(self.problem(words)).placing


def two_schools() -> Heard:
    return Heard.of(events({"P1": "AB"}, {"A": 1, "B": 1}))


def three_pupils() -> Heard:
    """P1 may go to A or B, P2 only to A, P3 only to B; each has one place. Any two of the three can be placed, and one is left out."""
    return Heard.of(events({"P1": "AB", "P2": "A", "P3": "B"}, {"A": 1, "B": 1}))


def together(problems: Sequence[Problem]) -> Problem:
    """Problems of sums alone as one: every name has the number of its problem in front."""

    def named(objectives: tuple[Objective, ...]) -> Sum:
        parts = [(n, o) for n, o in enumerate(objectives) if isinstance(o, Sum)]
        assert len(parts) == len(problems)
        return Sum(
            objectives[0].name,
            frozenset(f"{n} {p}" for n, o in parts for p in o.of),
            {(f"{n} {p}", f"{n} {s}"): weight for n, o in parts for (p, s), weight in o.cost.items()},
            {f"{n} {p}": weight for n, o in parts for p, weight in o.unplaced.items()},
        )

    each = list(enumerate(problems))
    return Problem(
        referrals=tuple(sorted(f"{n} {p}" for n, problem in each for p in problem.referrals)),
        settings=tuple(sorted(f"{n} {s}" for n, problem in each for s in problem.settings)),
        eligible={f"{n} {p}": tuple(f"{n} {s}" for s in row) for n, problem in each for p, row in problem.eligible.items()},
        rooms=tuple(
            Room(f"{n} {r.setting}", r.name, frozenset(f"{n} {p}" for p in r.of), r.places) for n, problem in each for r in problem.rooms
        ),
        objectives=tuple(named(row) for row in zip(*[problem.objectives for problem in problems], strict=True)),
    )


def placed(problems: Iterable[Problem], at_a_time: int = 100) -> Iterator[Placing]:
    """The best placing of each problem."""
    waiting = iter(problems)
    while some := list(islice(waiting, at_a_time)):
        found: list[dict[str, str]] = [{} for _ in some]
        for name, setting in place(together(some)).placing.items():
            n, _, referral = name.partition(" ")
            found[int(n)][referral] = setting.partition(" ")[2]
        yield from found


def left_out(problems: Iterable[Problem]) -> Counter[str]:
    """How often each of the pupils was the one who was left out."""
    both = list(problems)
    return Counter(name for problem, placing in zip(both, placed(both), strict=True) for name in set(problem.referrals) - set(placing))


# --- everybody alike has the same chance ---


def test_two_schools_alike_each_receive_the_pupil_in_half_of_the_draws() -> None:
    heard = two_schools()
    received = Counter(placing["RP1"] for placing in placed(heard.draws(DRAWS)))
    assert set(received) == {A, B}
    assert received[A] in HALF


def test_two_pupils_alike_each_have_the_one_place_in_half_of_the_draws() -> None:
    heard = Heard.of(events({"P1": "A", "P2": "A"}, {"A": 1}))
    out = left_out(heard.draws(DRAWS))
    assert out.total() == DRAWS
    assert out["RP1"] in HALF


def test_three_pupils_with_unequal_choices_are_each_left_out_in_a_third_of_the_draws() -> None:
    """The rules do not ask who has more schools to choose from: each pupil's own ticket says who is left out."""
    heard = three_pupils()
    out = left_out(heard.draws(DRAWS))
    assert out.total() == DRAWS
    assert all(out[name] in THIRD for name in ("RP1", "RP2", "RP3")), out


def test_without_tickets_the_pupil_with_more_choices_would_be_left_out_less_often() -> None:
    """What the tickets are for, and that an uneven chance is found.

    By the lots of pairs alone, P1 is left out where P2's lot at A and P3's lot at B are both below P1's own there:
    1/2 x 1/2 = 1/4, and not 1/3. Of 3,000 draws that is 750 ± 3.29 x 23.7 = 672 to 828; a third would be 1,000 ± 85.
    """
    rulebook = rules()[0]
    lots_alone = replace(rulebook, objectives=tuple(o for o in rulebook.objectives if o.name != "ticket"))
    heard = three_pupils()
    out = left_out(heard.problem([str(n)], lots_alone) for n in range(3000))
    assert out["RP1"] in range(672, 829)


def test_a_draw_settles_every_tie_and_is_proved_to() -> None:
    """Placed one by one as in a meeting, proof and all; and placed a hundred at a time each comes out the same."""
    heard = three_pupils()
    for n, many in enumerate(placed(heard.draws(200))):
        drawn = seed(heard.digest, [str(n)])
        decision = settle(Case(heard.facts, drawn, {}), heard.casework, rules()[0], place)
        assert decision.certificate.unique
        assert decision.placing == many
    undrawn = settle(Case(heard.facts, None, {}), heard.casework, rules()[0], place)
    assert undrawn.certificate.tied == ("RP1", "RP2", "RP3")


# --- order ---

SIX: Final = {"P1": "ABC", "P2": "AB", "P3": "A", "P4": "BC", "P5": "C", "P6": "ABC"}
ROOM: Final = {"A": 1, "B": 1, "C": 2}
FILES: Final = {
    "schools": (
        "URN,EstablishmentName,EstablishmentStatus (name)",
        f"{A},Ash,Open",
        f"{B},Birch,Open",
        f"{C},Cedar,Open",
        f"{D},Dell,Open",
    ),
    "places": ("urn,year_group,pan,on_roll,as_at", *(f"{urn},9,{n},0,2026-11-01" for urn, n in ((A, 1), (B, 1), (C, 2), (D, 0)))),
    "referrals": (
        "referral,pupil,kind,year_group,home_school,made_on,ehcp,kept_apart",
        *(
            f"R{pupil},{pupil},fair_access,9,{D},2026-11-02,no,"
            + ";".join(f"{urn}:police" for letter, urn in zip("ABC", (A, B, C), strict=True) if letter not in open_to)
            for pupil, open_to in SIX.items()
        ),
    ),
}
"""The same in files; all six come from a fourth school, which is full."""


def test_no_order_of_what_is_weighed_changes_who_wins() -> None:
    """Three hundred draws, six pupils for four places: hearings, rooms and rows of the problem in another order each time."""
    heard = Heard.of(events(SIX, ROOM))
    rng = random.Random(6)
    seen = set()
    for n in range(300):
        usual = heard.problem([str(n)])
        hearings = dict(rng.sample(list(heard.casework.hearings.items()), 6))
        rooms = dict(rng.sample(list(heard.casework.rooms.items()), len(heard.casework.rooms)))
        other = replace(heard, casework=replace(heard.casework, hearings=hearings, rooms=rooms)).problem([str(n)])
        found = place(usual).placing
        assert place(other).placing == found
        assert place(shuffled(rng, usual)).placing == found
        seen.add(tuple(sorted(found.items())))
    assert len(seen) > 20


def test_no_order_or_hour_of_the_entries_changes_who_wins() -> None:
    """Recorded in any order and at any time of day, the meeting has the same agenda, hence the same seed, lots and placement."""
    usual = Heard.of(events(SIX, ROOM))
    rng = random.Random(7)
    for n in range(20):
        made = events(dict(rng.sample(list(SIX.items()), 6)), dict(rng.sample(list(ROOM.items()), 3)))
        schools = [event for event in made if not isinstance(event, ev.ReferralMade)]
        pupils = [event for event in made if isinstance(event, ev.ReferralMade)]
        other = Heard.of([*pupils, *schools] if n % 2 else made, at=f"2026-11-1{n % 2}T0{n % 9}:15:00.000000Z")
        assert other.digest == usual.digest
        assert other.placing(["heron", str(n)]) == usual.placing(["heron", str(n)])


def test_files_in_any_order_of_rows_give_the_same_draw_and_the_same_winners(tmp_path: Path) -> None:
    """Through the commands: the same rows loaded as they are, and upside down."""
    said = []
    for name, step in (("down", 1), ("up", -1)):
        (tmp_path / name).mkdir()
        panel = Panel(tmp_path / name / "even.db")
        panel("init", "--rulebook", str(panel.file("even.yaml", BOOK)))
        for what, (header, *rows) in FILES.items():
            panel("load", what, str(panel.file(f"{what}.csv", "\n".join((header, *rows[::step], "")))))
        panel("meeting", "open", "--date", ON.isoformat(), "--chair", "Okafor")
        drawn = panel.json("meeting", "draw", "--words", "heron maple")
        proposed = panel.json("allocate")
        said.append((drawn["seed"], proposed["placements"], proposed["unplaced"]))
    assert said[0] == said[1]
    assert len(said[0][1]) == 4


# --- one honest word ---


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody may choose who runs the panel's clock and papers, and says every word but one: `among` is where that one comes."""

    meeting: int
    on: dt.date
    words: tuple[str, ...]
    among: int

    def drawn(self, honest: str) -> str:
        digest = agenda_digest(self.meeting, self.on, ("RP1",), rules()[0])
        return seed(digest, [*self.words[: self.among], honest, *self.words[self.among :]])

    def school(self, honest: str) -> str:
        """Where the lots send P1: A or B, whichever is lower. The tests hold it against the placement."""
        drawn = self.drawn(honest)
        return min((A, B), key=lambda urn: bits(drawn, "P1", urn))


def choices(rng: random.Random, many: int) -> list[Choice]:
    """Meetings of any number, on any day, with up to four words of the chooser's own, in any order around the honest one."""
    made = []
    for n in range(many):
        words = tuple(f"{rng.choice(('heron', 'maple', '', 'A', '0'))}{rng.choice(('', str(n)))}" for _ in range(rng.randint(0, 4)))
        made.append(Choice(rng.randint(1, 99), ON + dt.timedelta(rng.randint(0, 300)), words, rng.randint(0, len(words))))
    return made


def test_one_honest_word_keeps_the_odds_even_whatever_is_chosen_around_it() -> None:
    """A hundred ways to choose everything else, a hundred honest words for each, placed.

    All together 5,000 ± 164. Each alone 50 ± 4.42 x 5 = 28 to 72: 4.42 standard deviations leave 0.001 of 100 outside,
    so that not one of a hundred lies there in 99.9 of 100 such tests.
    """
    heard, total = two_schools(), 0
    for choice in choices(random.Random(8), 100):
        honest = [f"honest {n}" for n in range(100)]
        drawn = [problem(heard.casework, heard.facts, rules()[0], seed=choice.drawn(word), fixed={}) for word in honest]
        schools = [placing["RP1"] for placing in placed(drawn)]
        assert schools == [choice.school(word) for word in honest]
        assert schools.count(A) in range(28, 73), choice
        total += schools.count(A)
    assert total in HALF


def test_grinding_against_guesses_of_the_honest_word_gains_nothing() -> None:
    """Of 500 ways to choose, the one that sends P1 to A for most of 20 guessed words: it wins 17 or more of them, and half of the rest."""
    guesses = [f"guess {n}" for n in range(20)]
    ground = max(choices(random.Random(9), 500), key=lambda choice: sum(choice.school(word) == A for word in guesses))
    assert sum(ground.school(word) == A for word in guesses) >= 16
    assert sum(ground.school(f"honest {n}") == A for n in range(DRAWS)) in HALF


def test_whoever_chooses_every_word_wins_every_tie() -> None:
    """That the chance lies in the honest word and nowhere else: known beforehand, it can be steered around each time."""
    rng = random.Random(10)
    for n in range(50):
        assert any(choice.school(f"known {n}") == A for choice in choices(rng, 40))
