"""The judge of meetings: a brute force that is written from what a rulebook means.

It shares nothing with the path from events to a placement but the events themselves: it has its own counts, rolls, rooms and
bars (`judged.py`), own-worst values, lots and tickets, tries every placing, and compares objective after objective.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from fractions import Fraction

from tests.judged import Judged, school_year
from tests.random_books import Aim, audience
from tests.random_panels import ON


class Judge(Judged):
    """One meeting and its best placing."""

    def worth(self, aim: Aim, p: str, s: str) -> int | None:
        """What an aim counts for a pupil at a setting; None is unknown."""
        metres = self.metres(p, s)
        match aim.name:
            case "tier":
                able = {t: self.metres(p, t) for t in self.schools if self.could_take(p, t)}
                near = s in able and metres == min(filter(None, able.values()), default=None)
                return None if metres is None else 1 if near else 2 if metres <= 4000 else 5
            case "preference":
                liked = self.case(p).preferences
                return liked.index(s) + 1 if s in liked else self.book.unranked
            case "journey":
                return metres
            case "longest_ago":
                last = self.last_turns(aim, self.schools, self.made[p].year_group if aim.by_year else None)
                return sorted({dt.date.min, *last.values()}).index(last[s])
            case "transport":
                way = self.journeys[self.made[p].pupil].get(s)
                charged = None if metres is None else 65000 * (metres > 5000) + 9000 * (self.made[p].year_group == 9)
                return charged if way is None or way.pence_per_year is None else way.pence_per_year
            case "lottery":
                return self.lot(f"{self.made[p].pupil}\n{s}")
            case "share" | "quota":
                year = self.made[p].year_group if aim.by_year else None
                return 0 if s not in self.mainstream or self.held_against(aim, s, year) is not None else None
            case _:
                return 0

    def number(self, aim: Aim, s: str, year: int | None) -> int | None:
        """What a quota or share starts from."""
        return self.roll(s, year or 0) if aim.count == "on_roll" else self.count(aim.count, s, year)

    def held_against(self, aim: Aim, s: str, year: int | None) -> tuple[int, int] | None:
        """What is counted so far, and the limit or share; None where either is unknown, or a share is none."""
        number = self.number(aim, s, year)
        against = self.share(aim.per, s, year) or None if aim.name == "share" else self.limit(aim, s, year)
        return None if number is None or against is None else (number, against)

    def limit(self, aim: Aim, s: str, year: int | None) -> int | None:
        """A quota's limit at a school, nought where it comes to less; None where it is unknown."""
        known: int | None = 0
        if aim.form == "by roll":
            known = None if (roll := self.schools[s].roll) is None else roll // 900
        elif aim.form == "by exclusions":
            known = -sum(e.school == s and school_year(e.on) == 2026 for e in self.exclusions)
        elif aim.form == "by total":
            rolls = [self.schools[t].roll for t in self.mainstream]
            known = None if None in rolls else sum(filter(None, rolls)) // 2000 - 1
        elif aim.form == "by pan":
            known = None if (pan := self.years[s, year or 0].pan) is None else pan // 3 - 1
        return None if known is None else max(0, known + aim.limit)

    def share(self, per: str, s: str, year: int | None = None) -> int | None:
        if year is not None:
            return {"equal": 1, "roll": self.roll(s, year), "pan": self.years[s, year].pan}[per]
        pans = [self.years[s, year].pan for year in (9, 10)]
        pan = None if None in pans else sum(filter(None, pans))
        return {"equal": 1, "roll": self.schools[s].roll, "pan": pan}[per]

    def lot(self, told: str) -> int:
        return int.from_bytes(hashlib.sha256(f"pastoral/lottery/1\n{self.seed}\n{told}".encode()).digest()[:4]) // 4

    def left(self, aim: Aim, p: str) -> int:
        """What an aim counts for a pupil who stays unplaced."""
        if aim.goes_by:
            return int(self.said(p, aim.goes_by) or 0)
        if aim.name in ("place", "waiting", "ticket", "lottery"):
            return {"place": 1, "waiting": self.waited(p) or 0, "ticket": self.lot(self.made[p].pupil), "lottery": 0}[aim.name]
        return max(filter(None, (self.worth(aim, p, s) for s in self.schools)), default=0)

    def said(self, p: str, fact: str) -> int | None:
        """What is so of a case, by the facts of the books that ask it; None is unknown."""
        made, since = self.made[p], self.case(p).out_of_education_since
        out = None if since is None or since > ON else (ON - since).days
        match fact.removeprefix("referral."):
            case "year_group":
                return made.year_group
            case "days_since_made":
                return (ON - made.made_on).days
            case "days_out_of_education":
                return out
            case "twice_out":
                return None if out is None else 2 * out
            case "older":
                return made.year_group == 10
            case "long_out":
                return None if out is None else out >= 20
            case "excluded_or_out":
                return True if made.permanently_excluded else None if out is None else out >= 20
        raise KeyError(fact)

    def is_held(self, p: str) -> bool:
        unknown = any(aim.fact and self.said(p, aim.fact) is None for aim in self.book.aims)
        unknown |= any(aim.goes_by and self.speaks_of(aim, p) and self.said(p, aim.goes_by) is None for aim in self.book.aims)
        return unknown or super().is_held(p)

    def speaks_of(self, aim: Aim, p: str) -> bool:
        if aim.fact:
            return self.said(p, aim.fact) == 1
        return audience(aim.whom, self.made[p].referral_kind, self.made[p].permanently_excluded)

    def open(self, p: str, s: str) -> bool:
        known = all(self.worth(part, p, s) is not None for aim in self.book.aims if self.speaks_of(aim, p) for part in aim.parts)
        return known and self.shut[p, s] == (False, False)

    def placings(self) -> Iterator[dict[str, str]]:
        here = {p: [self.fixed[p]] if p in self.fixed else [s for s in self.schools if self.open(p, s)] for p in self.playing}

        def space(p: str, s: str, placed: dict[str, str]) -> bool:
            """Whether there is a seat; a fixed pupil has one whatever the room."""
            same = [
                q for q in (*placed, *(q for q in self.fixed if q not in placed)) if (placed.get(q) or self.fixed.get(q)) == s and q != p
            ]
            year = [q for q in same if self.made[q].year_group == self.made[p].year_group]
            seats = self.seats(p, s)
            capped = all(
                self.takes(cap, p) == 0 or self.takes(cap, p) + sum(self.takes(cap, q) for q in (year if cap.by_year else same)) <= left
                for cap, left in self.caps(p, s)
            )
            others = self.apart(self.made[p].pupil) if "together" in self.book.rules else set()
            alone = not any(self.made[q].pupil in others for q in same)
            return capped and alone and (seats is None or len(year if s in self.mainstream else same) < seats)

        def extend(n: int, placed: dict[str, str]) -> Iterator[dict[str, str]]:
            if n == len(self.playing):
                yield dict(placed)
                return
            p = self.playing[n]
            if p not in self.fixed:
                yield from extend(n + 1, placed)
            for s in here[p]:
                if p in self.fixed or space(p, s, placed):
                    placed[p] = s
                    yield from extend(n + 1, placed)
                    del placed[p]

        return extend(0, {})

    def family(self) -> set[frozenset[str]]:
        """Every two of the playing of whom one names the other as somebody to be placed with."""
        named = {p: self.case(p).together_with or () for p in self.playing}
        return {frozenset({p, q}) for p in named for q in named if p != q and self.made[q].pupil in named[p]}

    def value(self, aim: Aim, placed: dict[str, str]) -> object:
        if aim.by:  # the cases in their order, and of those that are level first what is named first
            mine = [p for p in self.playing if self.speaks_of(aim, p)]
            return [
                sum(self.sent(part, p, placed[p]) if p in placed else self.left(part, p) for p in mine if self.queues(aim, p) == at)
                for at in sorted({self.queues(aim, p) for p in mine})
                for part in aim.parts
            ]
        if aim.name in ("quota", "share"):
            found = []
            for s in self.mainstream:
                for year in sorted({self.made[p].year_group for p in self.agenda}) if aim.by_year else (None,):
                    came = sum(placed[p] == s and self.speaks_of(aim, p) and year in (None, self.made[p].year_group) for p in placed)
                    if told := self.held_against(aim, s, year):
                        found.append((told[0] + came, told[1]))
            if aim.name == "share":
                return sorted((Fraction(n, share) for n, share in found), reverse=True)
            over = sorted((max(0, n - limit) for n, limit in found), reverse=True)
            return over if aim.beyond == "level" else sum(over)
        if aim.name == "together":
            return sum(len({placed.get(p, f"nowhere, {p}") for p in two}) > 1 for two in self.family())
        if aim.name == "rota":
            return self.turns(aim, placed)
        return sum(self.sent(aim, p, placed[p]) if p in placed else self.left(aim, p) for p in self.playing if self.speaks_of(aim, p))

    def queues(self, aim: Aim, p: str) -> float:
        """Where a case stands: by its day, or by a number of it, the largest first; one without (whom the panel placed itself) is last."""
        if not aim.goes_by:
            return (self.made[p].accepted_on or self.made[p].made_on).toordinal()
        number = self.said(p, aim.goes_by)
        return float("inf") if number is None else -number

    def turns(self, aim: Aim, placed: dict[str, str]) -> int:
        """All stand in a queue once, then all once more, and so on; in a queue of each year group no sooner than in the longest of them."""
        taken = 0
        claims = {year: self.claims(aim, year) for year in ({self.made[p].year_group for p in self.agenda} if aim.by_year else {None})}
        longest = max(len(set(claim.values())) for claim in claims.values())
        for year, claim in claims.items():
            queue = sorted(set(claim.values()))
            for s in claim:
                came = sum(placed[p] == s and self.speaks_of(aim, p) and year in (None, self.made[p].year_group) for p in placed)
                taken += sum(queue.index(claim[s]) + 1 + again * longest for again in range(came))
        return taken

    def claims(self, aim: Aim, year: int | None) -> dict[str, tuple[dt.date, float]]:
        """Who had no turn for the longest time, and of those who are equal who stands first on the list; unknown is behind all."""
        last, found = self.last_turns(aim, self.mainstream, year), {}
        for s in self.mainstream:
            school = self.schools[s]
            place = {"agreed": school.rota_place, "largest first": None if school.roll is None else -school.roll, "": 0}[aim.listed]
            found[s] = last[s], float("inf") if place is None else place
        return found

    def last_turns(self, aim: Aim, schools: Iterable[str], year: int | None) -> dict[str, dt.date]:
        """The day of each school's last turn; the first of all days where it had none."""
        turns = [one for one in self.taken if one.by_panel and audience(aim.whom, one.kind, one.excluded) and year in (None, one.year)]
        turns = [one for one in turns if not (aim.drop and one.failed)]
        return {s: max([dt.date.min, *[one.on for one in turns if one.school == s]]) for s in schools}

    def sent(self, aim: Aim, p: str, s: str) -> int:
        """What an aim counts for a pupil who is placed; where the panel sent it and that is unknown, as if it stayed unplaced."""
        if aim.name in ("place", "waiting", "ticket"):
            return 0
        known = self.worth(aim, p, s)
        return self.left(aim, p) if known is None else known

    def best(self) -> tuple[dict[str, str], list[object]]:
        """The only placing that no other is better than, and what it is worth."""
        still, values = list(self.placings()), []
        for aim in self.book.aims:
            worth = [self.value(aim, placed) for placed in still]
            least: object = min(worth)  # type: ignore[type-var]
            values.append(least)
            still = [placed for placed, value in zip(still, worth, strict=True) if value == least]
        (only,) = still
        return only, values
