"""`portals settings --portal ID [NAME=VALUE…]`: who works the leads, when, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from rich.table import Table

from backend.cli.common.progress import say
from backend.cli.common.session import OPERATOR, CliSession, command, portal_option
from backend.errors import BadInput, Permanent
from backend.model import PortalSettings, RoutingSettings
from backend.scoring.values.numbers import finite
from backend.services.portals.choices import nearest, owner_ids
from backend.services.settings import change, sealed_address
from backend.wiring import Stores

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ID_MAX = 32
_NAME_MAX = 200


def settings_command(session: CliSession) -> click.Command:
    """To be added to the `portals` group."""

    @click.command("settings")
    @portal_option
    @click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
    @command
    def settings_view(portal_id: int, changes: tuple[str, ...]) -> None:
        """Show how leads are worked, or change it: NAME= alone empties a setting."""
        product = session.product
        session.portal(portal_id)
        if changes:
            stores = product.stores

            def wanted(before: PortalSettings) -> PortalSettings:
                apart = {n: v for n, _, v in (t.partition("=") for t in changes) if n in OTHERS}
                others = tuple(text for text in changes if text.partition("=")[0] not in OTHERS)
                routing = parsed(stores, portal_id, before.routing, others)
                found = {OTHERS[name][0]: OTHERS[name][1](text) for name, text in apart.items()}
                return replace(before, routing=routing, **found)

            change(product, portal_id, wanted, actor=OPERATOR)
            say(f"Saved: {', '.join(text.partition('=')[0] for text in changes)}.")
        settings = session.portal(portal_id).settings
        routing = settings.routing
        drawn = Table("Setting", "Value", "What it means")
        for name, (_, _, meaning) in SETTINGS.items():
            drawn.add_row(name, shown(routing, name), meaning)
        rates = ",".join(f"{code}:{one:g}" for code, one in settings.currency_rates.items())
        drawn.add_row("count-opens", "yes" if settings.count_opens else "no", "opened emails count")
        half = "yes" if settings.half_price_runs else "no"
        drawn.add_row("half-price-runs", half, "runs over all leads ask slowly, at half the price")
        intent = ", ".join(settings.high_intent)
        drawn.add_row("high-intent", intent or "none", "forms and pages that count apart")
        drawn.add_row("currency-rates", rates or "as listed", "dollars for one unit, by code")
        session.console.print(drawn)

    return settings_view


def parsed(
    stores: Stores, portal_id: int, routing: RoutingSettings, changes: tuple[str, ...]
) -> RoutingSettings:
    """The settings with these changes; BadInput names every wrong one and its cure."""
    problems: list[str] = []
    for text in changes:
        name, equals, value = text.partition("=")
        if not equals or name not in SETTINGS:
            names = dict.fromkeys([*SETTINGS, *OTHERS])
            hint = nearest(name, names)
            problems.append(f"{text!r}: write NAME=VALUE with one of {', '.join(names)}.{hint}")
            continue
        field, parse, _ = SETTINGS[name]
        try:
            found = parse(value.strip())
            if field == "fallback_owner_id":
                (found,) = owner_ids(stores, portal_id, [found])
            if field == "owner_capacity":
                ids = owner_ids(stores, portal_id, list(found))
                found = dict(zip(ids, found.values(), strict=True))
            if field == "notification_url_sealed":
                found = sealed_address(stores, portal_id, found)
        except (ValueError, Permanent) as error:
            problems.append(f"{name}: {error}")
            continue
        if field == "owner_capacity":
            found = {**routing.owner_capacity, **found} if found else {}
        routing = replace(routing, **{field: found})
    if problems:
        raise BadInput("nothing was saved:\n  " + "\n  ".join(problems), problems=tuple(problems))
    return routing


def shown(routing: RoutingSettings, name: str) -> str:
    """A setting for a person; the notification address is a secret and only said to be there."""
    value: Any = getattr(routing, SETTINGS[name][0])
    if name == "notification-url":
        return "set" if value else "not set"
    if name == "working-days":
        return ",".join(_DAYS[day] for day in value)
    if name == "owner-capacity":
        return ",".join(f"{owner}:{leads}" for owner, leads in sorted(value.items())) or "as all"
    return str(value) if value != "" else "not set"


def _yes(text: str) -> bool:
    answer = text.strip().casefold()
    if answer not in {"yes", "no"}:
        raise BadInput(f"nothing was saved: {text!r}: write yes or no")
    return answer == "yes"


def _names(text: str) -> tuple[str, ...]:
    """Of "Request a demo, /pricing"; () of nothing."""
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))


def _rates(text: str) -> dict[str, float]:
    """Of "JPY:0.0066,TWD:0.031"; {} of nothing."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        code, _, dollars = part.partition(":")
        number = finite(dollars)
        if number is None:
            raise BadInput(f"nothing was saved: currency-rates: {part!r}: write CODE:DOLLARS")
        found[code.strip().upper()] = number
    return found


# Settings that are not about routing: the field and how it is read.
OTHERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "count-opens": ("count_opens", _yes),
    "currency-rates": ("currency_rates", _rates),
    "half-price-runs": ("half_price_runs", _yes),
    "high-intent": ("high_intent", _names),
}


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


def _id(text: str) -> str:
    if text and not (text.isascii() and text.isdigit() and len(text) <= _ID_MAX):
        raise ValueError(
            f"{text!r} is not an id of digits: HubSpot tells nobody the names of task queues; the "
            "id stands in the address of the queue's page"
        )
    return text


def _owner(text: str) -> str:
    return text[:_NAME_MAX]


def _days(text: str) -> tuple[int, ...]:
    names = [name.strip().lower()[:3] for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in _DAYS]
    if unknown or not names:
        raise ValueError(f"{text!r}: write days like mon,tue,wed,thu,fri")
    return tuple(sorted({_DAYS.index(name) for name in names}))


def _capacities(text: str) -> dict[str, int]:
    found = {}
    for part in text.split(","):
        owner, colon, leads = part.strip().partition(":")
        if not text:
            return {}
        if not colon:
            raise ValueError(f"{part!r}: write OWNER:LEADS, several separated by commas")
        found[_owner(owner.strip())] = _number(0, 10_000)(leads.strip())
    return found


SETTINGS: dict[str, tuple[str, Callable[[str], Any], str]] = {
    "fallback-owner": ("fallback_owner_id", _owner, "owner, by name or id, of leads without one"),
    "task-queue": ("task_queue_id", _id, "HubSpot task queue that our tasks join"),
    "follow-up-days": ("follow_up_days", _number(0, 60), "working days until a follow-up is due"),
    "working-days": ("working_days", _days, "the portal's working days"),
    "notification-url": (
        "notification_url_sealed",
        str,
        "Slack-compatible webhook that hears of leads that became High; kept encrypted",
    ),
    "digest-above": ("digest_above", _number(1, 1_000), "notifications an hour; then one digest"),
    "weekly-capacity": ("weekly_capacity", _number(0, 10_000), "leads an owner can work a week"),
    "owner-capacity": ("owner_capacity", _capacities, "where it differs, as OWNER:LEADS"),
    "touch-within": (
        "touch_within_hours",
        _number(1, 400),
        "working hours to call or write to a High lead in",
    ),
    "task-cap": ("tasks_per_owner", _number(0, 1_000), "tasks per owner out of a confirmed run"),
}
