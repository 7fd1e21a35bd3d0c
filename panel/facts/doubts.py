"""What admissions do not say to whoever counts them: a line for each, or one for all that lack the same, with the command that records it.

It looks at no rulebook and counts nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from panel.errors import Fault
from panel.state.records import Admission, State

RECORD: Final = "{record}"


class Doubt(NamedTuple):
    """What one admission does not say. `columns` would say it; `advice` has `RECORD` where the command by which it is recorded stands."""

    admission: Admission
    what: str
    found: str
    wanted: str
    columns: tuple[str, ...]
    advice: str


def told(doubts: Iterable[Doubt], state: State) -> list[Fault]:
    """A fault for each doubt, in their order; one for all whose admissions came to the record in one way and lack the same."""
    alike: dict[tuple[object, ...], list[Doubt]] = {}
    for one in doubts:
        alike.setdefault((_called(one.admission), *one[1:]), []).append(one)
    return [_fault(those, state) for those in alike.values()]


def _fault(doubts: Sequence[Doubt], state: State) -> Fault:
    first, admissions = doubts[0], list(dict.fromkeys(one.admission for one in doubts))
    one = first.admission
    where = f"pupil {one.pupil} at {school_named(state, one.school)} on {one.on}"
    if len(admissions) > 1:
        where = f"{len(admissions)} {_called(one)}"
    record = where_told(admissions, first.columns) if first.columns else ""
    return Fault(file=where, column=first.what, found=first.found, wanted=first.wanted, advice=first.advice.replace(RECORD, record))


def _called(admission: Admission) -> str:
    """What several like it are called."""
    if admission.referral is not None:
        return "cases"
    return "placements before the ledger" if admission.by_panel else "admissions outside the panel"


def where_told(admissions: Sequence[Admission], columns: Sequence[str]) -> str:
    """The file, its columns and the command by which the record comes to say what it does not say of admissions of one kind."""
    first = admissions[0]
    if first.referral is None:
        columns = ["outcome" if column == "for_good" else column for column in columns]
    else:
        columns = ["out_of_education_since" if column == "days_out_of_education" else column for column in columns]
    listed, told_by = ", ".join(columns), " ".join(f"--set {column}=VALUE" for column in columns)
    several = len(admissions) > 1
    if first.referral is not None:
        command = f"`pastoral correct {'R' if several else first.referral} {told_by} --reason TEXT`"
        return f"the referrals' column {listed}: {command}" + (
            f", R being each of {_all(one.referral for one in admissions)}" if several else ""
        )
    known = all(one.entry is not None for one in admissions)
    command = f"`pastoral correct --entry {first.entry if known and not several else 'N'} {told_by} --reason TEXT`"
    number = "N being the entry of its row"
    if known:
        number = f"N being each of {_all(f'{one.entry} ({one.pupil})' for one in admissions)}" if several else ""
    return f"the column {listed} of {'history' if first.by_panel else 'admissions'}: {command}{', ' if number else ''}{number}"


def _all(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))


def school_named(state: State, urn: str) -> str:
    return f"{state.schools[urn].name} ({urn})" if urn in state.schools else urn
