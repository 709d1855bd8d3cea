"""The counters and dates HubSpot keeps on a contact, as they grew over time."""

from __future__ import annotations

import random
from collections.abc import Iterable

from sandbox.generator.moments import moment
from sandbox.generator.sketches import Activity, Person
from sandbox.times import iso

Versions = list[tuple[int, str]]  # (when, value), oldest first
CONTACTING = ("emails", "calls", "meetings")
FORMS = ("Contact us", "Newsletter", "Request a demo", "Whitepaper download")
PAGES = ("/", "/blog", "/pricing", "/product", "/about")


def contact_rollups(rng: random.Random, person: Person, now_ms: int) -> dict[str, Versions]:
    """Property → its values over time."""
    found = _visits(rng, person, now_ms) | _marketing(rng, person, now_ms)
    contacted = [a for a in person.activities if a.kind in CONTACTING]
    found["notes_last_contacted"] = _dates(contacted)
    found["num_contacted_notes"] = _counts(contacted)
    found["notes_last_updated"] = _dates(a for a in person.activities if a.kind != "tasks")
    found["num_notes"] = _counts(a for a in person.activities if a.kind != "tasks")
    replies = [a for a in person.activities if a.kind == "emails" and a.incoming]
    found["hs_sales_email_last_replied"] = _dates(replies)
    return {name: versions for name, versions in found.items() if versions}


def _dates(activities: Iterable[Activity]) -> Versions:
    return _thinned([(a.at_ms, iso(a.at_ms)) for a in activities])


def _counts(activities: Iterable[Activity]) -> Versions:
    return _thinned([(a.at_ms, str(n)) for n, a in enumerate(activities, 1)])


def _thinned(versions: Versions) -> Versions:
    """At most the last eight: enough for any date, small enough for 100,000 activities."""
    return versions[-8:]


def _moments(rng: random.Random, person: Person, now_ms: int, mean: float) -> list[int]:
    count = min(60, int(rng.gammavariate(1.6, mean / 1.6)))
    freshness = 1.4 + max(0.0, person.interest)
    return sorted(moment(rng, person, person.created_ms, now_ms, freshness) for _ in range(count))


def _visits(rng: random.Random, person: Person, now_ms: int) -> dict[str, Versions]:
    visits = _moments(rng, person, now_ms, 3.2 * 1.7**person.interest)
    views, pages = 0, []
    for at_ms in visits:
        views += 1 + int(rng.expovariate(0.5))
        pages.append((at_ms, str(views)))
    forms = [at for at in visits if rng.random() < 0.16 + 0.06 * max(0.0, person.interest)]
    return {
        "hs_analytics_num_page_views": _thinned(pages),
        "hs_analytics_num_visits": _thinned([(at, str(n)) for n, at in enumerate(visits, 1)]),
        "hs_analytics_last_visit_timestamp": _thinned([(at, iso(at)) for at in visits]),
        "num_conversion_events": _thinned([(at, str(n)) for n, at in enumerate(forms, 1)]),
        "recent_conversion_date": _thinned([(at, iso(at)) for at in forms]),
        "recent_conversion_event_name": _thinned(
            [(at, _form(len(visits) + n)) for n, at in enumerate(forms)]
        ),
        "first_conversion_date": [(forms[0], iso(forms[0]))] if forms else [],
        "first_conversion_event_name": [(forms[0], _form(len(visits)))] if forms else [],
        "hs_analytics_last_url": _thinned(
            [(at, _page(len(visits) + n)) for n, at in enumerate(visits)]
        ),
    }


def _form(number: int) -> str:
    """As HubSpot names a submission: the page's title, then the form."""
    return f"Acme: {FORMS[number % len(FORMS)]}"


def _page(number: int) -> str:
    return f"https://www.acme.example{PAGES[number % len(PAGES)]}?hsCtaTracking=1"


def _marketing(rng: random.Random, person: Person, now_ms: int) -> dict[str, Versions]:
    sent = _moments(rng, person, now_ms, 6.0)
    chance = min(0.9, max(0.05, 0.33 + 0.16 * person.interest))
    opened = [at for at in sent if rng.random() < chance]
    clicked = [at for at in opened if rng.random() < 0.28]
    replied = [at for at in clicked if rng.random() < 0.25]
    found: dict[str, Versions] = {}
    for what, moments in (
        ("delivered", sent),
        ("open", opened),
        ("click", clicked),
        ("replied", replied),
    ):
        found[f"hs_email_{what}"] = _thinned([(at, str(n)) for n, at in enumerate(moments, 1)])
    for what, moments in (("send", sent), ("open", opened), ("click", clicked), ("reply", replied)):
        found[f"hs_email_last_{what}_date"] = _thinned([(at, iso(at)) for at in moments])
    return found
