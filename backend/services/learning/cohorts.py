"""The Impact page's figures: cohorts of a band, and what was expected against what came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from backend.learning.judge.cohorts import (
    RATE_MIN,
    Expected,
    expected_amount,
    expected_wins,
)
from backend.model import Band
from backend.storage import runs
from backend.storage.database import Connection
from backend.storage.leads import band_entries
from backend.storage.leads.band_entries import Asked, By, Cohort
from backend.storage.portals import owners, portals
from backend.storage.portals.portals import Portal

Group = Literal["week", "month", "owner", "team", "source"]
_COLUMN: Final[Mapping[Group, By]] = {
    "week": "week",
    "month": "month",
    "owner": "owner_id",
    "team": "owner_id",
    "source": "lead_source",
}
MONTHS_TOLD: Final = 12
TOLD: Final = (Band.HIGH, Band.MEDIUM)  # bands that somebody is to follow up


@dataclass(frozen=True, slots=True)
class Filter:
    """Whose leads, where from, and of how many weeks back (0: all)."""

    owner: str = ""
    team: str = ""
    source: str = ""
    weeks: int = 0


def cohorts(
    conn: Connection, portal: Portal, band: Band, group: Group, wanted: Filter, now: datetime
) -> tuple[Cohort, dict[Any, Cohort]]:
    """(all together, by group); teams and owners by name of the team and id of the owner."""
    teams = owners.teams(conn, portal.portal_id)
    asked = Asked(band, _since(portal, wanted.weeks, now), _owners(wanted, teams), wanted.source)
    found = band_entries.cohorts(conn, portal.portal_id, _COLUMN[group], asked)
    groups: dict[Any, Cohort] = {}
    everything = Cohort()
    for key, cohort in found.items():
        place = teams.get(key, "") if group == "team" else key
        groups.setdefault(place, Cohort()).add(cohort)
        everything.add(cohort)
    return everything, groups


def _since(portal: Portal, weeks: int, now: datetime) -> date | None:
    """The Monday from which so many weeks count, the present one included."""
    if not weeks:
        return None
    today = now.astimezone(portals.zone(portal)).date()
    return today - timedelta(days=today.weekday(), weeks=weeks - 1)


def _owners(wanted: Filter, teams: Mapping[str, str]) -> tuple[str, ...] | None:
    return owners_of(wanted.owner, wanted.team, teams)


def owners_of(owner: str, team: str, teams: Mapping[str, str]) -> tuple[str, ...] | None:
    """Ids of the owners that are meant; None: all. `teams`: name by owner."""
    if not (owner or team):
        return None
    mine = [one for one, name in teams.items() if name == team]
    if owner:
        return (owner,) if not team or owner in mine else ()
    return tuple(mine)


def _month(portal: Portal, now: datetime, back: int) -> date:
    """The first day of the month so many before this one."""
    today = now.astimezone(portals.zone(portal)).date()
    months = 12 * today.year + today.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Money:
    """Leads of one month and band. `wins` is None where fewer than ten had a chance, `amount`
    also where the portal has fewer than ten won deals with an amount. `sentence` says it all."""

    month: date
    band: Band
    leads: int
    open: int
    with_chance: int
    wins: Expected | None
    won: int
    amount: Expected | None
    amount_won: float
    sentence: str


def money(conn: Connection, portal: Portal, wanted: Filter, now: datetime) -> list[Money]:
    """The newest months first, High before Medium."""
    currency = portals.currency(portal)
    _, report = runs.newest_report(conn, portal.portal_id, "impact")
    sizes = report.get("deal_sizes", {"deals": 0})
    teams = owners.teams(conn, portal.portal_id)
    first = _month(portal, now, MONTHS_TOLD - 1)
    found: list[Money] = []
    for band in TOLD:
        since = first - timedelta(days=first.weekday())  # of the week that the month begins in
        asked = Asked(band, since, _owners(wanted, teams), wanted.source)
        months = band_entries.cohorts(conn, portal.portal_id, "month", asked, times=False)
        for month in months:
            if month < first:
                continue
            found.append(_money(month, band, months[month], sizes, currency))
    rank = {band: place for place, band in enumerate(TOLD)}
    return sorted(found, key=lambda one: (-one.month.toordinal(), rank[one.band]))


def _money(
    month: date, band: Band, cohort: Cohort, sizes: Mapping[str, Any], currency: str
) -> Money:
    wins = amount = None
    if cohort.chances >= RATE_MIN:
        wins = expected_wins(cohort.chance_sum, cohort.chance_var)
        if sizes["deals"] >= RATE_MIN:
            amount = expected_amount(
                cohort.chance_sum, cohort.chance_var, sizes["mean"], sizes["variance"]
            )
    found = Money(
        month,
        band,
        cohort.leads,
        cohort.open,
        cohort.chances,
        wins,
        cohort.chance_won if wins else cohort.won_so_far,
        amount,
        cohort.chance_amount if wins else cohort.amount,
        "",
    )
    return Money(
        **{name: getattr(found, name) for name in Money.__slots__[:-1]},
        sentence=_sentence(found, currency),
    )


def _sentence(one: Money, currency: str) -> str:
    """ "High leads of July 2026: 9 to 15 wins were expected of 41 leads, 12 came, as promised." """
    of = f"{one.band.value} leads of {one.month:%B %Y}"
    so_far = " so far" if one.open else ""
    if one.wins is None:
        why = (
            "no model with a chance was in use when they came in"
            if not one.with_chance
            else f"only {one.with_chance} had a chance from a model, too few to add up"
        )
        won = f"{one.won:,} of {one.leads:,} won{so_far}"
        return f"{of}: {won}. Nothing was expected: {why}."
    low, high = round(one.wins.low), round(one.wins.high)
    span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    told = (
        f"{of}: {span} wins were expected of {one.with_chance:,} leads, {one.won:,} came{so_far}"
        f"{_judged(one)}."
    )
    if one.amount is None:
        return told
    return (
        f"{told} Expected {_sum(one.amount.low)} to {_sum(one.amount.high)} {currency}, "
        f"came {_sum(one.amount_won)}."
    )


def _judged(one: Money) -> str:
    if one.wins is None or one.open:
        return ""
    if one.won < round(one.wins.low):
        return ", fewer than the model promised"
    return ", more than the model promised" if one.won > round(one.wins.high) else ", as promised"


def _sum(amount: float) -> str:
    """Two figures are as exact as an expectation is."""
    digits = len(str(int(amount)))
    return f"{round(amount, 2 - digits):,.0f}" if digits > 2 else f"{amount:,.0f}"
