"""`pastoral whatif`: another answer beside the one that stands. Nothing is recorded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from panel.commands.frame import WIDTH, Day, Desk, command, in_a_row, several
from panel.quoting import Place

if TYPE_CHECKING:
    from rich.console import RenderableType

    from panel.answering.asking import Supposed
    from panel.answering.hypothesis import Hypothesis, Room
    from panel.answering.whatif import Pair, Standing, WhatIf
    from panel.deciding.decision import Decision

FORCE: Final = re.compile(r"(.+)=(\w+)")
ROOM: Final = re.compile(r"(\w+)(?::(\d{1,2}))?=([+-]\d{1,3})")
WAIVE: Final = re.compile(r"(.+)=(\w+):([^\s:=]+)")
LIFT: Final = re.compile(r"(\w+)(?::(\d{1,2}))?")
PLAIN: Final[dict[str, str]] = {"unplaced": "no place", "held": "held", "left out": "left out"}


@command(
    example="pastoral whatif --room 900003:9=+1\n"
    "pastoral whatif --force R-007=900004 --without 900010\n"
    "pastoral whatif --rulebook our-protocol-2027.yaml --meeting 2026-10-22"
)
@click.option("--rulebook", metavar="F", default=None, help="Another book or edition: a file, a name, or NAME@DATE as for `rules diff`.")
@click.option("--force", "forced", metavar="R=URN", multiple=True, help="This pupil goes to this school; what would bar it is said.")
@click.option("--without", metavar="URN", multiple=True, help="This school takes nobody whom the panel has not sent there already.")
@click.option(
    "--room", metavar="URN:YEAR=+1", multiple=True, help="Places more (or fewer: -1) than now; URN=+1 for a setting without year groups."
)
@click.option("--points", metavar="URN:YEAR=+1", multiple=True, help="The same of a room in points (a limit that says `weigh: points`).")
@click.option("--withdraw", "withdrawn", metavar="R", multiple=True, help="This pupil is not in the meeting.")
@click.option("--waive", "waived", metavar="R=URN:RULE", multiple=True, help="This bar does not stand between this pupil and this school.")
@click.option("--lift", "lifted", metavar="URN:YEAR", multiple=True, help="No vote keeps this year group (or, without YEAR, anybody) away.")
@click.option("--meeting", "on", type=Day(), default=None, metavar="DATE", help="A past meeting; by default the one that is open.")
def whatif(desk: Desk, rulebook: str | None, on: dt.date | None, **asked: tuple[str, ...]) -> None:
    """What would be otherwise if ...? The meeting's answer and another one, side by side, both proved. Nothing is recorded.

    Options can be repeated and combined. The draw stays what it was; before the draw ties are shown as ties.
    """
    from panel.answering.asking import what_if
    from panel.commands.rulebooks import named

    if rulebook is not None and not rulebook.strip():
        _misread("--rulebook", rulebook, "a file, the name of a book, or NAME@DATE")
    hypothesis = _read(**asked)
    if not hypothesis and rulebook is None:
        options = "--rulebook, --force, --without, --room, --points, --withdraw, --waive or --lift"
        raise click.UsageError(f"Say what is to be otherwise: {options}.")
    with desk.open() as office:
        _known(office.state, hypothesis)
        book = named(rulebook, office.state.editions) if rulebook else None
        found = what_if(office, hypothesis, on=on, book=book)
        data = found.as_data(office.state.name) if desk.json else None
        lines = [] if desk.json else list(_told(found))
    desk.answer(data, *lines)


# --- the options ---


def _read(
    *,
    forced: tuple[str, ...],
    without: tuple[str, ...],
    room: tuple[str, ...],
    points: tuple[str, ...],
    withdrawn: tuple[str, ...],
    waived: tuple[str, ...],
    lifted: tuple[str, ...],
) -> Hypothesis:
    from panel.answering.hypothesis import Hypothesis

    return Hypothesis(
        forced=_forced(forced),
        without=frozenset(without),
        room=_room("--room", room),
        points=_room("--points", points),
        withdrawn=frozenset(withdrawn),
        waived=frozenset((name, urn, rule) for name, urn, rule in (_parts("--waive", WAIVE, word, "R=URN:RULE") for word in waived)),
        lifted=frozenset((urn, int(year) if year else None) for urn, year in (_parts("--lift", LIFT, word, "URN:YEAR") for word in lifted)),
    )


def _forced(words: tuple[str, ...]) -> dict[str, str]:
    forced: dict[str, str] = {}
    for name, urn in (_parts("--force", FORCE, word, "R=URN") for word in words):
        if forced.setdefault(name, urn) != urn:
            raise click.UsageError(f"--force: found {name} at {forced[name]} and at {urn}; wanted one school for one pupil.")
    return forced


def _room(option: str, words: tuple[str, ...]) -> dict[Room, int]:
    """Places, or points, asked for more than once at the same school add up."""
    room: dict[Room, int] = {}
    for word in words:
        urn, year, more = _parts(option, ROOM, word, "URN:YEAR=+1, or URN=+1 for a setting without year groups")
        key = (urn, int(year) if year else None)
        room[key] = room.get(key, 0) + int(more)
        if not int(more):
            _misread(option, word, f"a number of {'places' if option == '--room' else 'points'} that is not 0")
    return {key: more for key, more in room.items() if more}


def _parts(option: str, form: re.Pattern[str], word: str, wanted: str) -> tuple[Any, ...]:
    found = form.fullmatch(word)
    return found.groups() if found else _misread(option, word, wanted)


def _misread(option: str, word: str, wanted: str) -> NoReturn:
    raise click.UsageError(f"{option}: found {Place(urns=True, references=True).found(word)}; wanted {wanted}.")


def _known(state: Any, hypothesis: Hypothesis) -> None:
    """Refuse a referral or a school that the record does not know, with the nearest that it does."""
    from panel.steps.office import referral_of, school_of

    names = {*hypothesis.forced, *hypothesis.withdrawn, *(name for name, _, _ in hypothesis.waived)}
    rooms = (*hypothesis.room, *hypothesis.points)
    places = {*(urn for urn, _ in rooms), *(urn for urn, _ in hypothesis.lifted), *(urn for _, urn, _ in hypothesis.waived)}
    for name in sorted(names):
        referral_of(state, name)
    for urn in sorted({*hypothesis.forced.values(), *hypothesis.without, *places}):
        school_of(state, urn)


# --- the answer ---


def _told(found: Supposed) -> Iterator[RenderableType]:
    """Both answers as a chair reads them."""
    told, opened = found.what_if, found.meeting.opened
    facts = (told.after.decision.case.facts, told.before.decision.case.facts)
    names = {urn: str(school["school.name"]) for one in facts for urn, school in one.schools.items()}
    yield f"Meeting {opened.meeting} of {opened.on}, as it stands and what if; nothing is recorded."
    yield from (f"  what if {line}" for line in _asked(told, names))
    yield ""
    yield from _side_by_side(told.pairs, names)
    yield ""
    yield from _reasons(told, names)
    yield ""
    yield "Made as small as possible:"
    yield _worths(told)
    yield from _unknown(told, names)
    yield from _proofs(told)


def _asked(told: WhatIf, names: dict[str, str]) -> Iterator[str]:
    asked, book = told.hypothesis, told.after.rulebook
    if book.digest != told.before.rulebook.digest:
        yield f"the rulebook were {book.name}, edition of {book.edition} ({book.digest[:12]})"
    for name, urn in sorted(asked.forced.items()):
        aside = ", ".join(told.set_aside[name])
        yield f"{name} goes to {names[urn]} ({urn}){f', setting aside {aside}' if aside else ', which nothing bars'}"
    yield from (f"{names[urn]} ({urn}) takes nobody else" for urn in sorted(asked.without))
    for what, rooms in (("place", asked.room), ("point", asked.points)):
        for (urn, year), more in sorted(rooms.items(), key=str):
            where = names[urn] if year is None else f"{names[urn]} in year {year}"
            yield f"{where} ({urn}) has {several(abs(more), what)} {'more' if more > 0 else 'fewer'}"
    yield from (f"{name} is not in the meeting" for name in sorted(asked.withdrawn))
    yield from (f"{rule} does not bar {name} from {names[urn]} ({urn})" for name, urn, rule in sorted(asked.waived))
    for urn, year in sorted(asked.lifted, key=str):
        yield f"no vote keeps {'anybody' if year is None else f'year {year}'} from {names[urn]} ({urn})"


def _side_by_side(pairs: tuple[Pair, ...], names: dict[str, str]) -> Iterator[str]:
    label = max(len("referral"), *(len(pair.referral) for pair in pairs), 0)
    width = (WIDTH - label - 5) // 2

    def said(one: Standing) -> str:
        if one.school is None:
            return PLAIN[one.kind]
        before = f"{one.kind}: " if one.kind in ("decided", "forced") else ""
        return before + in_a_row(names[one.school], one.school, width - len(before))

    yield f"{'referral':{label}}  {'as it stands':{width}}   what if"
    for pair in pairs:
        tied = pair.before.tied or pair.after.tied
        after = said(pair.after) if pair.differs else "the same"
        yield f"{pair.referral:{label}}  {said(pair.before):{width}} {'~' if tied else '>' if pair.differs else ' '} {after}"
    if any(pair.before.tied or pair.after.tied for pair in pairs):
        yield "~ a tie: before the draw another answer is as good, in which this pupil goes elsewhere"


def _reasons(told: WhatIf, names: dict[str, str]) -> Iterator[str]:
    if not told.differences:
        yield "Nobody would go elsewhere."
    for pair in told.differences:
        yield f"{pair.referral}:"
        for which, one in (("as it stands", pair.before), ("what if", pair.after)):
            where = f"{names[one.school]} ({one.school})" if one.school else PLAIN[one.kind]
            yield f"  {which}: {where}"
            yield from (f"    {line}" for line in one.because)


def _worths(told: WhatIf) -> RenderableType:
    from rich.table import Table

    from panel.answering.aims import whom

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("in this order", overflow="fold")
    table.add_column("as it stands", justify="right", overflow="fold")
    table.add_column("what if", justify="right", overflow="fold")
    table.add_column("", no_wrap=True)
    for one in told.objectives:
        if one.name in ("ticket", "lottery"):
            continue  # the draw's numbers say nothing to a reader; --json has them
        change = "" if one.change == "not compared" else one.change
        table.add_row(f"{one.name.replace('_', ' ')}{whom(one.of)}", *_values(one.before, one.after), change)
    return table


def _unknown(told: WhatIf, names: dict[str, str]) -> Iterator[str]:
    """What is weighed above without being known."""
    from panel.answering.explain import said

    for one in told.unknown:
        yield f"{one.referral} at {names[one.school]} ({one.school}): not recorded is {said(one.facts, told.after.rulebook)}."
    if told.unknown:
        yield "What is not recorded is weighed as the worst that is known for the pupil; a quota or share does not count it there."


def _values(before: Any, after: Any) -> tuple[str, str]:
    """Both values, short; of two lists the part that shows how they differ."""
    begin = 0
    if isinstance(before, list) and isinstance(after, list):
        differ = (n for n, (was, now) in enumerate(zip(before, after, strict=False)) if was != now)
        begin = max(0, next(differ, 0) - 1)
    return _short(before, begin), _short(after, begin)


def _short(value: Any, begin: int) -> str:
    if isinstance(value, dict):
        beyond = ", ".join(str(excess) for excess in value["by_school"] if excess)
        return f"{value['excess']}{f' ({beyond})' if beyond else ''}"
    if isinstance(value, list):
        shown = ", ".join(map(str, value[begin : begin + 3]))
        return f"{'..., ' if begin else ''}{shown}{', ...' if begin + 3 < len(value) else ''}"
    return "-" if value is None else str(value)


def _proofs(told: WhatIf) -> Iterator[str]:
    from panel.commands.proofs import in_words
    from panel.deciding.decision import certificate_digest
    from panel.placing.recheck import Rechecked

    decisions = (("as it stands", told.before.decision), ("what if", told.after.decision))
    if any(isinstance(decision.certificate, Rechecked) for _, decision in decisions):
        for which, decision in decisions:
            yield f"{which[0].upper()}{which[1:]}:"
            yield from (f"  {line}" for line in in_words(decision.certificate, certificate_digest(decision)))
        return
    if all(decision.certificate.unique for _, decision in decisions):
        yield "Both proved: no better answer exists, and no other is as good."
        return
    yield "Both proved: no better answer exists."
    yield from (f"  {which}: {_unique(decision)}" for which, decision in decisions)


def _unique(decision: Decision) -> str:
    from panel.commands.proofs import as_good

    undrawn = " (not drawn yet)" if decision.certificate.tied and decision.case.seed is None else ""
    return as_good(decision.certificate) + undrawn
