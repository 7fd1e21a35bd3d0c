"""Random small books: what a book says, as plain data that `tests/judge.py` reads, and the YAML that says it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Final

EVERYBODY = "everybody"
AUDIENCES = {  # a list that nests -> (as `of` says it, as a count's `where` says it)
    "excluded": {EVERYBODY: ("", ""), "permanently_excluded": ("permanently_excluded", "admission.after_exclusion")},
    "kinds": {
        EVERYBODY: ("", ""),
        "returning": ("[permanent_exclusion, reintegration]", 'admission.kind in ["permanent_exclusion", "reintegration"]'),
        "expelled": ("[permanent_exclusion]", 'admission.kind == "permanent_exclusion"'),
        "moving": ("[managed_move, off_site_direction]", 'admission.kind in ["managed_move", "off_site_direction"]'),
    },
    "both": {
        EVERYBODY: ("", ""),
        "permanently_excluded": ("permanently_excluded", "admission.after_exclusion"),
        "excluded_or_back": (
            "[reintegration, permanently_excluded]",
            'admission.kind == "reintegration" or admission.after_exclusion',
        ),
    },
}
SAID: Final = {**AUDIENCES["excluded"], **AUDIENCES["kinds"], **AUDIENCES["both"]}
NARROWED: Final = {  # both a kind and an exclusion
    "fair, not excluded": (
        "{kinds: [fair_access], permanently_excluded: false}",
        'admission.kind == "fair_access" and not admission.after_exclusion',
    ),
    "fair, excluded": (
        "{kinds: [fair_access], permanently_excluded: true}",
        'admission.kind == "fair_access" and admission.after_exclusion',
    ),
    "back or directed, not excluded": (
        "{kinds: [reintegration, off_site_direction], permanently_excluded: false}",
        'admission.kind in ["reintegration", "off_site_direction"] and not admission.after_exclusion',
    ),
}
WRITTEN: Final = {**SAID, **NARROWED}
WITHIN: Final = {("expelled", "returning"), ("permanently_excluded", "excluded_or_back")}
"""(inner, outer): beside these each list is within everybody and itself, and apart from the rest of its own family."""
LIMITS: Final = {  # how a quota's limit may be written, for the whole school or for a year group
    "plain": "{n}",
    "by roll": "{n} + school.roll // 900",
    "by exclusions": "{n} - school.permanent_exclusions",
    "by total": "panel.total_roll // 2000 - 1 + {n}",
    "by pan": "year.pan // 3 - 1 + {n}",
}


LISTS: Final = {"agreed": "school.rota_place", "largest first": "2000 - school.roll"}
"""How a rota may list the schools whose claims are equal."""


def audience(whom: str, kind: str, excluded: bool) -> bool:
    return {
        EVERYBODY: True,
        "permanently_excluded": excluded,
        "returning": kind in ("permanent_exclusion", "reintegration"),
        "expelled": kind == "permanent_exclusion",
        "moving": kind in ("managed_move", "off_site_direction"),
        "excluded_or_back": excluded or kind == "reintegration",
        "fair, not excluded": kind == "fair_access" and not excluded,
        "fair, excluded": kind == "fair_access" and excluded,
        "back or directed, not excluded": kind in ("reintegration", "off_site_direction") and not excluded,
    }[whom]


@dataclass(frozen=True)
class Aim:
    name: str
    whom: str = EVERYBODY
    count: str = ""
    limit: int = 0
    beyond: str = "level"
    per: str = "roll"
    by_year: bool = False
    form: str = "plain"
    by: tuple[str, ...] = ()
    fact: str = ""  # whom it speaks of, by a fact of the case
    goes_by: str = ""  # the number of the case by which it weighs or orders pupils
    drop: bool = False  # a placement that broke down was no turn
    listed: str = ""  # of LISTS

    @property
    def parts(self) -> tuple[Aim, ...]:
        """What it asks of each case; itself where it does not go case by case."""
        return tuple(Aim(name, self.whom, fact=self.fact) for name in self.by) or (self,)


@dataclass(frozen=True)
class Count:
    name: str
    whom: str
    of: tuple[str, ...]
    over: str
    sent: int  # what each own referral placed elsewhere adds to the home school: -1, 0 or 1
    drop: bool
    by_year: bool = False
    points: bool = False


@dataclass(frozen=True)
class Cap:
    """At most so many of some pupils, or so many points of them, less what the count has; `selective`: at which schools."""

    whom: str
    count: str
    most: int
    by_year: bool
    points: bool = False
    selective: bool | None = None


@dataclass(frozen=True)
class Book:
    family: str
    counts: tuple[Count, ...]
    rules: frozenset[str]
    aims: tuple[Aim, ...]
    furthest: int
    unranked: int
    every: int
    caps: tuple[Cap, ...] = ()
    derived: tuple[tuple[str, str], ...] = ()  # referral.NAME -> what it is


TARIFF: Final = """\
tariff:
  - id: excluded
    points: 3
    when: admission.after_exclusion
    examples:
      - {name: excluded, given: {admission.after_exclusion: true}, expect: fires}
      - {name: not excluded, given: {admission.after_exclusion: false}, expect: silent}
  - id: year-9
    points: 1
    when: admission.year_group == 9
    examples:
      - {name: year 9, given: {admission.year_group: 9}, expect: fires}
      - {name: year 10, given: {admission.year_group: 10}, expect: silent}
"""

RULES = {
    "room": """
limits:
  - id: over-number
    per: year_group
    at: [mainstream]
    room: year.pan - year.on_roll + year.pan // {every}
    examples:
      - {{name: some, given: {{year.pan: {every}, year.on_roll: {every}}}, expect: 1}}
      - {{name: none, given: {{year.pan: {every}, year.on_roll: {full}}}, expect: 0}}
  - id: places
    per: school
    at: [pru, inclusion_centre]
    room: school.places - school.occupied
    examples:
      - {{name: one, given: {{school.places: 2, school.occupied: 1}}, expect: 1}}
      - {{name: none, given: {{school.places: 2, school.occupied: 2}}, expect: 0}}
""",
    "holds": """
holds:
  - id: plan
    when: referral.ehcp
    examples:
      - {{name: a plan, given: {{referral.ehcp: true}}, expect: fires}}
      - {{name: none, given: {{referral.ehcp: false}}, expect: silent}}
  - id: agreement
    applies_to: [managed_move]
    when: not (referral.parent_agrees and referral.home_school_agrees)
    examples:
      - {{name: both, given: {{referral.parent_agrees: true, referral.home_school_agrees: true}}, expect: silent}}
      - {{name: no parent, given: {{referral.parent_agrees: false}}, expect: fires}}
      - {{name: no school, given: {{referral.home_school_agrees: false}}, expect: fires}}
""",
    "bars": """
bars:
  - id: never-back
    when: candidate.excluded_from
    examples:
      - {{name: it did, given: {{candidate.excluded_from: true}}, expect: fires}}
      - {{name: it did not, given: {{candidate.excluded_from: false}}, expect: silent}}
  - id: another
    applies_to: [managed_move, off_site_direction, permanent_exclusion, fair_access]
    when: candidate.is_home_school
    examples:
      - {{name: home, given: {{candidate.is_home_school: true}}, expect: fires}}
      - {{name: another, given: {{candidate.is_home_school: false}}, expect: silent}}
  - id: voted
    when:
      - candidate.exempt
      - school.closing
    examples:
      - {{name: a vote, given: {{candidate.exempt: true}}, expect: fires}}
      - {{name: closing, given: {{school.closing: true}}, expect: fires}}
      - {{name: neither, given: {{candidate.exempt: false, school.closing: false}}, expect: silent}}
""",
    "far": """
  - id: far
    when: candidate.metres > {furthest}
    unless: candidate.sibling_here
    examples:
      - {{name: far, given: {{candidate.metres: {further}}}, expect: fires}}
      - {{name: near, given: {{candidate.metres: {furthest}}}, expect: silent}}
      - {{name: a sister, given: {{candidate.metres: {further}, candidate.sibling_here: true}}, expect: silent}}
""",
    "apart": """
  - id: apart
    when: candidate.kept_apart != "none"
    examples:
      - {{name: police, given: {{candidate.kept_apart: police}}, expect: fires}}
      - {{name: none, given: {{candidate.kept_apart: none}}, expect: silent}}
""",
    "admits": """
  - id: admits
    when:
      - not candidate.admits
      - candidate.admits is unknown
    examples:
      - {{name: does, given: {{candidate.admits: true}}, expect: silent}}
      - {{name: does not, given: {{candidate.admits: false}}, expect: fires}}
      - {{name: unknown, given: {{candidate.admits: unknown}}, expect: fires}}
""",
    "together": """
  - id: not-where-the-other-is
    when: candidate.kept_apart_pupil_here
    examples:
      - {{name: there, given: {{candidate.kept_apart_pupil_here: true}}, expect: fires}}
      - {{name: elsewhere, given: {{candidate.kept_apart_pupil_here: false}}, expect: silent}}
""",
    "tiers": """
tiers:
  - id: nearest
    tier: 1
    when: candidate.nearness is known and candidate.nearness == 1
    examples:
      - {{name: it is, given: {{candidate.nearness: 1}}, expect: fires}}
      - {{name: it is not, given: {{candidate.nearness: 2}}, expect: silent}}
      - {{name: unknown, given: {{candidate.nearness: unknown}}, expect: silent}}
  - id: short
    tier: 2
    when: candidate.metres <= 4000
    examples:
      - {{name: short, given: {{candidate.metres: 4000}}, expect: fires}}
      - {{name: long, given: {{candidate.metres: 4001}}, expect: silent}}
  - {{id: anywhere, tier: 5, when: true}}
charges:
  - id: bus
    pence: 65000
    when: candidate.metres > 5000
    examples:
      - {{name: bus, given: {{candidate.metres: 5001}}, expect: fires}}
      - {{name: walk, given: {{candidate.metres: 5000}}, expect: silent}}
  - id: escort
    pence: 9000
    when: referral.year_group == 9
    examples:
      - {{name: year 9, given: {{referral.year_group: 9}}, expect: fires}}
      - {{name: year 10, given: {{referral.year_group: 10}}, expect: silent}}
""",
}
OVERS = ("academic_year", "academic_year", "for_ever", "term", "6 weeks")


def random_book(rng: random.Random, *, nests: bool = True) -> Book:
    """A book whose quotas, shares and rotas count pupils who nest; or whoever they like."""
    family = rng.choice(tuple(AUDIENCES))
    whom = tuple(AUDIENCES[family])
    counts: list[Count] = []

    def count(of: str, by_year: bool) -> str:
        name = f"count_{len(counts)}"
        sources = rng.choice((("placements",), ("placements", "outside_admissions")))
        sent = rng.choice((-1, -1, -1, 0, 1))
        counts.append(Count(name, of, sources, rng.choice(OVERS), sent=sent, drop=rng.random() < 0.3, by_year=by_year))
        return name

    aims: list[Aim] = []
    plain = ["waiting", "tier", "preference", "journey", "longest_ago", "transport", "ticket"]
    for name in rng.sample([*plain, "quota", "quota", "quota", "share", "share", "rota", "rota"], rng.randint(2, 7)):
        by_year, of, roll = rng.random() < 0.3, rng.choice(whom), rng.random() < 0.2
        if name == "rota":
            if not (nests and crosses(of, by_year=False, aims=aims)) and Aim(name, of) not in aims:
                aims.append(Aim(name, of))
        elif name not in ("quota", "share"):
            aims.append(Aim(name, rng.choice((EVERYBODY, *SAID))))
        elif not (nests and crosses(EVERYBODY if roll else of, by_year or roll, aims)):
            counted = "on_roll" if roll else count(of, by_year)
            aim = Aim(name, EVERYBODY if roll else of, counted, per=rng.choice(("roll", "pan", "equal")), by_year=by_year or roll)
            aim = aim if name == "share" else random_quota(rng, aim)
            if not any((other.name, other.whom, other.count) == (aim.name, aim.whom, aim.count) for other in aims):
                aims.append(aim)
    caps = [
        Cap(of := rng.choice((*SAID,)), count(of, by_year), rng.randint(1, 2), by_year)
        for by_year in (False, False, True)
        if rng.random() < 0.2
    ]
    odds = (("holds", 0.5), ("far", 0.5), ("apart", 0.5), ("admits", 0.6), ("together", 0.5))
    return Book(
        family,
        tuple(counts),
        frozenset({"room", "bars", "tiers", *(rule for rule, likely in odds if rng.random() < likely)}),
        (Aim("place"), *aims, Aim("lottery")),
        rng.choice((4500, 7000, 9000)),
        rng.randint(1, 4),
        rng.choice((2, 5)),
        tuple(caps),
    )


def case_by_case(rng: random.Random, book: Book) -> Book:
    """The book with cases taken one after the other, by one to four measures, somewhere among its aims."""
    measures = ["place", "tier", "preference", "journey", "longest_ago", "transport"]
    aim = Aim("case_by_case", rng.choice((EVERYBODY, *SAID)), by=tuple(rng.sample(measures, rng.randint(1, 4))))
    at = rng.randint(1, len(book.aims) - 1)
    return replace(book, aims=(*book.aims[:at], aim, *book.aims[at:]))


def random_quota(rng: random.Random, aim: Aim) -> Aim:
    forms = [form for form in LIMITS if form != "by pan" or aim.by_year]
    limit = rng.randint(3, 5) if aim.count == "on_roll" else rng.randint(0, 2)
    form = rng.choice(forms)
    return replace(aim, limit=limit, form=form, beyond=rng.choice(("level", "free")))


def crosses(whom: str, by_year: bool, aims: list[Aim]) -> bool:
    """Whether a quota or share would count pupils who overlap with those of another without nesting."""
    for aim in aims:
        if (aim.count or aim.name == "rota") and aim.by_year != by_year:
            inner, outer = (whom, aim.whom) if by_year else (aim.whom, whom)
            related = {inner, outer} & {EVERYBODY} or (inner, outer) in WITHIN or (outer, inner) in WITHIN or inner == outer
            if related and not (outer in (EVERYBODY, inner) or (inner, outer) in WITHIN):
                return True
    return False


def as_yaml(book: Book) -> str:
    lines = ["rulebook: random", "edition: {from: 2026-09-01}", "title: Random", "authority: {instrument: Chance}"]
    if any(count.points for count in book.counts):
        lines.append(TARIFF.rstrip())
    if book.counts:
        lines.append("counts:")
    for count in book.counts:
        where = f", where: '{WRITTEN[count.whom][1]}'" if count.whom != EVERYBODY else ""
        sent = {-1: ", minus: [own_referrals_placed]", 0: "", 1: ", plus: [own_referrals_placed]"}[count.sent]
        fate = f", broken_down: {'drop' if count.drop else 'keep'}" if count.over != "at_present" else ""
        broken = f"{fate}{', per: year_group' if count.by_year else ''}"
        weigh = ", weigh: points" if count.points else ""
        lines.append(f"  {count.name}: {{of: [{', '.join(count.of)}], over: {count.over}{where}{sent}{broken}{weigh}}}")
    if book.derived:
        lines.append("derive:")
    lines.extend(f"  - {{id: {name.replace('_', '-')}, fact: referral.{name}, is: {text}}}" for name, text in book.derived)
    for rule, text in RULES.items():
        if rule in book.rules:
            lines.append(text.format(every=book.every, full=book.every + 1, furthest=book.furthest, further=book.furthest + 1))
        if rule == "room":
            lines.extend(_cap(n, cap) for n, cap in enumerate(book.caps))
            lines.extend(["  - {id: not-together, per: kept_apart_pupils, room: 1, waivable: false}"] * ("together" in book.rules))
    lines.append("objectives:")
    lines.extend(_aim(aim, book) for aim in book.aims)
    return "\n".join(lines) + "\n"


def _cap(n: int, cap: Cap) -> str:
    fact = f"{'year' if cap.by_year else 'school'}.{cap.count}"
    of = f"of: {WRITTEN[cap.whom][0]}, " if cap.whom != EVERYBODY else ""
    examples = f"{{name: none yet, given: {{{fact}: 0}}, expect: {cap.most}}}, {{name: full, given: {{{fact}: {cap.most}}}, expect: 0}}"
    per = "year_group" if cap.by_year else "school"
    weigh = "weigh: points, " if cap.points else ""
    if cap.selective is not None:
        weigh += f"{'when' if cap.selective else 'unless'}: school.selective, "
        examples = examples.replace("given: {", f"given: {{school.selective: {str(cap.selective).lower()}, ")
        examples += f", {{name: elsewhere, given: {{school.selective: {str(not cap.selective).lower()}}}, expect: out of scope}}"
    return f"  - {{id: cap-{n}, per: {per}, {of}{weigh}room: {cap.most} - {fact}, examples: [{examples}]}}"


def _aim(aim: Aim, book: Book) -> str:
    keys = [f"of: {WRITTEN[aim.whom][0]}"] if aim.whom != EVERYBODY else []
    keys += [f"of: {aim.fact}"] if aim.fact else []
    keys += [f"{'by' if aim.name == 'waiting' else 'first'}: {aim.goes_by}"] if aim.goes_by else []
    if aim.name == "quota":
        keys += [f"count: {aim.count}", f"limit: {LIMITS[aim.form].format(n=aim.limit)}", f"beyond: {aim.beyond}"]
    elif aim.name == "share":
        keys += [f"load: {aim.count}", f"per: {aim.per}"]
    elif aim.name == "preference":
        keys += [f"unranked: {book.unranked}"]
    elif aim.name in ("rota", "longest_ago"):
        keys += ["per: year_group"] * aim.by_year + ["broken_down: drop"] * aim.drop
        keys += [f"list: {LISTS[aim.listed]}"] if aim.listed else []
    elif aim.by:
        keys += [f"by: [{', '.join(aim.by)}]"] + [f"unranked: {book.unranked}"] * ("preference" in aim.by)
    return f"  - {aim.name}: {{{', '.join(keys)}}}" if keys else f"  - {aim.name}"
