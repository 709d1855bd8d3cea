"""Invents companies, people, deals and activity; no records yet."""

from __future__ import annotations

import random

from sandbox.generator import vocabulary as words
from sandbox.generator.moments import moment
from sandbox.generator.sketches import Activity, Company, Deal, Person
from sandbox.generator.taste import win_chance
from sandbox.state.pipeline import STAGES
from sandbox.times import DAY_MS

PEOPLE_PER_COMPANY = 4.4
CLOSED_DEALS_PER_PERSON = 0.31
OPEN_DEALS_PER_PERSON = 0.09
ACTIVITIES_PER_PERSON = 10.0
HISTORY_DAYS = 365
UNFIT_DEALS = 0.35  # how readily a deal is opened with people who will never buy
_INDUSTRY_SHARES = (9, 14, 10, 9, 9, 8, 10, 9, 7, 7, 5, 6)  # in the order of INDUSTRIES
_SENIORITY_SHARES = (6, 8, 9, 17, 30, 24, 6)
_SOURCES = {
    "ORGANIC_SEARCH": 24,
    "DIRECT_TRAFFIC": 14,
    "PAID_SEARCH": 12,
    "EMAIL_MARKETING": 11,
    "REFERRALS": 10,
    "SOCIAL_MEDIA": 9,
    "OFFLINE": 9,
    "PAID_SOCIAL": 7,
    "AI_REFERRALS": 4,
}


def invent_companies(rng: random.Random, count: int, now_ms: int) -> list[Company]:
    """Companies with names of their own."""
    names: dict[str, str] = {}
    while len(names) < count:
        industry = rng.choices(words.INDUSTRIES, _INDUSTRY_SHARES)[0]
        head, tail = rng.choice(words.NAME_HEADS), rng.choice(words.NAME_TAILS[industry])
        name = (
            f"{head} {tail}"
            if rng.random() < 0.7
            else f"{head}{rng.choice(words.NAME_HEADS).lower()} {tail}"
        )
        names.setdefault(name, industry)
    return [_company(rng, name, industry, now_ms) for name, industry in names.items()]


def _company(rng: random.Random, name: str, industry: str, now_ms: int) -> Company:
    country = rng.choices(tuple(words.PLACES), (34, 8, 13, 12, 6, 7, 7, 8, 5))[0]
    region, cities, _ = words.PLACES[country]
    city, state = rng.choice(cities)
    employees = max(2, int(rng.lognormvariate(4.9, 1.5)))
    revenue = int(employees * rng.lognormvariate(11.7, 0.5))
    number = min(len(words.TECHNOLOGIES), 1 + int(rng.expovariate(0.45)))
    size_step = min(4, max(0, int(rng.gauss(0.5 * (len(str(employees)) - 1) + 0.7, 0.9))))
    return Company(
        name,
        name.lower().replace(" ", "") + ".example",
        industry,
        employees,
        round(revenue, -4),
        country,
        region,
        city,
        state,
        tuple(rng.sample(tuple(words.TECHNOLOGIES), number)),
        words.BUDGETS[size_step],
        now_ms - rng.randint(400, 900) * DAY_MS,
    )


def invent_people(
    rng: random.Random, companies: list[Company], count: int, owners: int, now_ms: int
) -> list[Person]:
    """People, most of them at a company; some companies have many, some few."""
    weights = [rng.expovariate(1.0) + 0.05 for _ in companies]
    homes = rng.choices(companies, weights, k=count) if companies else []
    people = []
    for number in range(count):
        company = None if not homes or rng.random() < 0.06 else homes[number]
        people.append(
            Person(
                rng.choice(words.FIRST_NAMES),
                rng.choice(words.LAST_NAMES),
                company,
                rng.choices(tuple(words.SENIORITIES), _SENIORITY_SHARES)[0],
                rng.choice(words.DEPARTMENTS),
                rng.choices(tuple(_SOURCES), tuple(_SOURCES.values()))[0],
                rng.gauss(0, 1),
                now_ms - int(rng.triangular(1, 540, 200) * DAY_MS),
                rng.randrange(owners),
            )
        )
    return people


def invent_deals(rng: random.Random, people: list[Person], now_ms: int) -> list[Deal]:
    """Closed deals with people known long enough, and open ones; also bad fits get deals."""
    grown = [p for p in people if now_ms - p.created_ms > 75 * DAY_MS]
    chances = {id(p): UNFIT_DEALS + win_chance(p.company, p) for p in people}
    closed_count = int(len(people) * CLOSED_DEALS_PER_PERSON)
    closed = _pick(rng, grown, chances, closed_count)
    taken = {id(p) for p in closed}
    open_people = [p for p in people if id(p) not in taken]
    opened = _pick(rng, open_people, chances, int(len(people) * OPEN_DEALS_PER_PERSON))
    deals = [_closed_deal(rng, person, now_ms) for person in closed]
    deals += [_open_deal(rng, person, now_ms) for person in opened]
    for deal in deals:
        deal.person.deals.append(deal)
    return sorted(deals, key=lambda deal: deal.created_ms)


def _pick(
    rng: random.Random, people: list[Person], chances: dict[int, float], count: int
) -> list[Person]:
    ranked = sorted(people, key=lambda p: rng.random() ** (1 / chances[id(p)]), reverse=True)
    return ranked[:count]


def _closed_deal(rng: random.Random, person: Person, now_ms: int) -> Deal:
    won = rng.random() < win_chance(person.company, person)
    room = now_ms - person.created_ms
    created = person.created_ms + int(room * rng.uniform(0.05, 0.45))
    length = int(rng.triangular(10, 90, 30) * DAY_MS)
    closed = min(created + length, now_ms - rng.randint(1, 5) * DAY_MS)
    stage = "closedwon" if won else "closedlost"
    return Deal(person, created, closed, won, stage, _amount(rng, person))


def _open_deal(rng: random.Random, person: Person, now_ms: int) -> Deal:
    created = now_ms - int(min(now_ms - person.created_ms, 60 * DAY_MS) * rng.random())
    stage = rng.choice([s.stage_id for s in STAGES if not s.closed])
    close = now_ms + rng.randint(5, 90) * DAY_MS
    return Deal(person, created, close, None, stage, _amount(rng, person))


def _amount(rng: random.Random, person: Person) -> int:
    employees = person.company.employees if person.company else 20
    return int(round(900 * employees**0.6 * rng.lognormvariate(0, 0.4), -2))


def invent_activities(rng: random.Random, people: list[Person], now_ms: int) -> None:
    """About ten each over the past year, more with interest and around deals."""
    for person in people:
        first = max(person.created_ms, now_ms - HISTORY_DAYS * DAY_MS)
        mean = ACTIVITIES_PER_PERSON * 0.80 * 1.65**person.interest
        mean += 4.0 * len(person.deals)
        count = max(0, int(rng.gammavariate(2.2, mean / 2.2)))
        for _ in range(count):
            # Interested people were heard from lately; the others long ago.
            at_ms = moment(rng, person, first, now_ms, 1.6 + max(0.0, person.interest))
            person.activities.append(_activity(rng, person, at_ms))
        person.activities.sort(key=lambda activity: activity.at_ms)


def _activity(rng: random.Random, person: Person, at_ms: int) -> Activity:
    kind = rng.choices(("emails", "calls", "meetings", "notes", "tasks"), (48, 20, 8, 14, 10))[0]
    answering = 0.30 + 0.12 * person.interest
    incoming = kind in ("emails", "calls") and rng.random() < min(0.7, max(0.03, answering))
    return Activity(kind, at_ms, incoming)
