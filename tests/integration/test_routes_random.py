"""Whatever happens, and wherever it is interrupted: lists and tasks agree with the bands.

`LEADLIGHT_SOAK=5000` runs that many events (make soak-routes); otherwise a few hundred.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from backend.jobs.erase_requested import erase_requested
from backend.jobs.fan_out import fan_out
from backend.jobs.flush_routes import flush_routes
from backend.model import Urgency
from backend.services.mirror.refresh import refresh
from backend.services.scoring.pipeline import Batch
from backend.services.scoring.save import save_scores
from backend.storage.leads import due_leads
from backend.storage.outbox import route_tasks, routes
from backend.storage.portals import portals
from sandbox.state.object_types import object_type
from sandbox.state.records import Record
from tests.integration.conftest import PORTAL, Connected
from tests.integration.crashing import Killed, dying
from tests.integration.routes import (
    UNKNOWN,
    list_of,
    lists_of,
    members,
    open_tasks,
    our_tasks,
    score_as,
    set_routing,
)

SOAK = int(os.environ.get("LEADLIGHT_SOAK", "0"))
STEPS = 40
LEADS = 5
HIGH, MEDIUM, LOW = "HIGH", "MEDIUM", "LOW"
_RANK = {None: -1, LOW: 0, MEDIUM: 1, HIGH: 2}
TASKS, CONTACTS = object_type("tasks"), object_type("contacts")
counted: Counter[str] = Counter()

numbers = st.integers(0, LEADS - 1)
points = st.one_of(st.integers(0, 100), st.sampled_from((48, 49, 50, 77, 78, 79, 80, 81)))
_kinds = {  # how often each happens
    "score": 10,
    "crash": 6,
    "run": 2,
    "owner": 2,
    "flush": 2,
    "lose": 2,
    "refuse": 1,
    "born": 2,
    "no_lead": 2,
    "done": 3,
    "delete_task": 1,
    "delete": 2,
    "merge": 2,
    "replay": 1,
}
_arguments = {
    "score": (numbers, points),
    "run": (numbers, points),
    "owner": (numbers, st.integers(0, 3)),
    "crash": (st.integers(1, 16), st.booleans()),
    "lose": (st.booleans(), st.sampled_from(("tasks/batch", "memberships"))),
    "refuse": (st.sampled_from((429, 503)),),
    "no_lead": (numbers,),
    "done": (numbers,),
    "delete_task": (numbers,),
    "delete": (numbers,),
    "merge": (numbers, numbers),
}
steps = st.sampled_from([kind for kind, weight in _kinds.items() for _ in range(weight)]).flatmap(
    lambda kind: st.tuples(st.just(kind), *_arguments.get(kind, ()))
)


@dataclass
class Lead:
    """What ought to be: a second, much simpler account of the rules."""

    contact_id: str
    points: int | None = None
    settled: str | None = None
    open_band: str | None = None
    alive: bool = True
    extra: list[str] = field(default_factory=list)  # open tasks that a merge brought

    def scored(self, points: int, *, run: bool) -> None:
        self.points = points
        before, self.settled = self.settled, _settle(self.settled, points)
        if run:
            return
        held = {self.open_band, *self.extra} - {None}
        self.extra = []
        if self.settled != before and self.settled != LOW:
            self.open_band = self.settled
        else:
            self.open_band = self.settled if self.settled in held else None

    def left(self) -> None:
        self.points = self.settled = self.open_band = None
        self.extra = []


def _band(points: int) -> str:
    return HIGH if points >= 80 else MEDIUM if points >= 50 else LOW


def _settle(settled: str | None, points: int) -> str:
    now = _band(points)
    if settled is None or _RANK[now] >= _RANK[settled]:
        return now
    return min((settled, _band(points + 2)), key=lambda band: _RANK[band])


class World:
    """A few new contacts of a portal, and what ought to be true of them."""

    def __init__(self, live: Connected) -> None:
        self.live = live
        self.product = dying(live.product, None)[0]
        self.owners = [str(o.owner_id) for o in live.sandbox.portal.owners]
        self.leads = [Lead(self._new_contact()) for _ in range(LEADS)]
        self.gone: list[Lead] = []
        self._mirror([lead.contact_id for lead in self.leads])

    def _new_contact(self) -> str:
        with self.live.sandbox.world.editing_as_person(PORTAL) as editor:
            made = editor.create(CONTACTS, {"hubspot_owner_id": self.owners[0]})
        return str(made.record_id)

    def _mirror(self, ids: list[str]) -> None:
        with self.product.stores.database.read() as conn:
            portal = portals.get(conn, PORTAL)
        refresh(self.product.stores, portal, self.product.hubspot.crm(PORTAL), ids, ids)

    def record(self, lead: Lead) -> Record:
        return self.live.sandbox.portal.record("contacts", lead.contact_id)

    def newest(self, lead: Lead) -> str | None:
        """The newest route of the task that is to be open; a merge can bring two."""
        with self.product.stores.database.read() as conn:
            found = route_tasks.open_of(conn, PORTAL, [lead.contact_id])
        rows = found.get(lead.contact_id, [])
        fitting = [row for row in rows if row.band.value.upper() == lead.open_band]
        return (fitting or rows)[0].route_id if rows else None

    # what can happen ------------------------------------------------------------------------

    def score(self, number: int, worth: int) -> None:
        lead = self.leads[number]
        if lead.alive:
            score_as(self.live, {lead.contact_id: worth})
            lead.scored(worth, run=False)

    def run(self, number: int, worth: int) -> None:
        lead = self.leads[number]
        if lead.alive:
            score_as(self.live, {lead.contact_id: worth}, Urgency.BACKFILL, "backfill")
            lead.scored(worth, run=True)

    def born(self) -> None:
        """A new contact takes the place of one that is gone."""
        for place, lead in enumerate(self.leads):
            if not lead.alive:
                self.gone.append(lead)
                self.leads[place] = Lead(self._new_contact())
                self._mirror([self.leads[place].contact_id])
                return

    def no_lead(self, number: int) -> None:
        lead = self.leads[number]
        if not lead.alive:
            return
        with self.product.stores.database.write() as conn:
            now = self.product.stores.clock.now()
            ids = [lead.contact_id]
            due_leads.mark_due(
                conn, PORTAL, ids, Urgency.EVENT, now, cause="event", refresh=False, coalesce=False
            )
            claimed = due_leads.claim(
                conn, PORTAL, Urgency.EVENT, self.product.stores.clock.now(), contact_ids=ids
            )
        gone = Batch(ineligible={ids[0]: "a customer"}, traits={ids[0]: UNKNOWN})
        save_scores(self.product.stores, PORTAL, claimed, gone)
        lead.left()

    def owner(self, number: int, owner: int) -> None:
        lead = self.leads[number]
        if not lead.alive:
            return
        with self.live.sandbox.world.editing_as_person(PORTAL) as editor:
            value = (*self.owners, "")[owner % (len(self.owners) + 1)]
            editor.update(CONTACTS, self.record(lead), {"hubspot_owner_id": value})
        self._mirror([lead.contact_id])
        if lead.points is not None:
            self.score(number, lead.points)

    def flush(self) -> None:
        flush_routes(self.product, PORTAL)

    def crash(self, at: int, around_a_call: bool) -> None:
        at = 1 + at % 6 if around_a_call else at
        product, bomb = dying(self.live.product, at, calls_only=around_a_call)
        try:
            flush_routes(product, PORTAL)
        except Killed:
            event("killed in the middle")
        counted["crashes"] += bomb.went_off

    def lose(self, after: bool, path: str) -> None:
        self._faulty({"effect": "drop", "path": f"*{path}*", "after": after, "times": 1})

    def refuse(self, status: int) -> None:
        effect = "rate_limit" if status == 429 else "error"
        self._faulty({"effect": effect, "status": status, "path": "/crm/*", "times": 2})

    def _faulty(self, rule: dict[str, Any]) -> None:
        self.live.sandbox.control("PUT", "/faults", {"rules": [rule]})
        self.flush()
        self.live.sandbox.control("DELETE", "/faults")

    def done(self, number: int) -> None:
        """A rep does a task: for the route it shows nothing more is to be done."""
        lead = self.leads[number]
        if not lead.alive:
            return
        newest = self.newest(lead)
        for task in open_tasks(self.live, lead.contact_id)[:1]:
            with self.live.sandbox.world.editing_as_person(PORTAL) as editor:
                editor.update(TASKS, task, {"hs_task_status": "COMPLETED"})
            if newest and newest in task.properties["hs_task_body"]:
                lead.open_band = None

    def delete_task(self, number: int) -> None:
        lead = self.leads[number]
        if not lead.alive:
            return
        newest = self.newest(lead)
        with self.product.stores.database.read() as conn:
            state = {r.route_id: r.state for r in routes.of_lead(conn, PORTAL, lead.contact_id)}
        for task in open_tasks(self.live, lead.contact_id):
            if newest in state and newest in task.properties["hs_task_body"]:
                if state[newest] != "done":
                    continue
                with self.live.sandbox.world.editing_as_person(PORTAL) as editor:
                    editor.archive(TASKS, task)
                lead.open_band = None

    def delete(self, number: int) -> None:
        lead = self.leads[number]
        if not lead.alive or sum(one.alive for one in self.leads) < 2:
            return
        with self.live.sandbox.world.editing_as_person(PORTAL) as editor:
            editor.archive(CONTACTS, self.record(lead))
        self._hear()
        lead.alive = False
        lead.left()

    def merge(self, first: int, second: int) -> None:
        a, b = self.leads[first], self.leads[second]
        if a is b or not a.alive or not b.alive:
            return
        path = f"/contacts/{a.contact_id}/merge"
        survivor = str(self.live.ui("POST", path, {"other_id": int(b.contact_id)})["id"])
        self._hear()
        b.alive = False
        best = max(a.settled, b.settled, key=lambda band: _RANK[band])
        held = [band for band in (a.open_band, b.open_band, *a.extra, *b.extra) if band]
        number = a.points if a.points is not None else b.points
        a.contact_id, a.settled, a.open_band, a.extra = survivor, best, None, held
        b.left()
        self._mirror([survivor])
        if number is not None:
            self.score(first, number)
        else:
            self.no_lead(first)

    def replay(self) -> None:
        with self.product.stores.database.write() as conn:
            routes.replay(conn, PORTAL, self.product.stores.clock.now())

    def _hear(self) -> None:
        """The portal's webhooks come and are worked through."""
        self.live.sandbox.control("POST", "/webhooks/flush", {"retries": True})
        fan_out(self.product, PORTAL)
        erase_requested(self.product, PORTAL)

    # what has to be true --------------------------------------------------------------------

    def converge(self) -> None:
        """Every retry's time has come, whatever was parked is replayed, until nothing waits."""
        for _ in range(12):
            with self.product.stores.database.write() as conn:
                routes.replay(conn, PORTAL, self.product.stores.clock.now())
                for table in ("routings", "route_tasks"):
                    conn.exec_driver_sql(
                        f"UPDATE {table} SET due_at = created_at WHERE due_at IS NOT NULL"  # noqa: S608
                        if table == "route_tasks"
                        else "UPDATE routings SET due_at = entered_at "
                        "WHERE due_at IS NOT NULL AND entered_at IS NOT NULL"
                    )
            self.flush()
            with self.product.stores.database.read() as conn:
                if not any(routes.counts(conn, PORTAL).values()):
                    return
        raise AssertionError("lists or tasks still wait")

    def check(self) -> None:
        listed = members(self.live)
        for lead in (*self.leads, *self.gone):
            wanted = [] if lead.points is None else [list_of(lead.points)]
            inside = [name for name, ids in listed.items() if lead.contact_id in ids]
            assert inside == wanted, f"{lead}: {inside}"
            if lead.alive:
                self._check_tasks(lead)
        keys = Counter(
            task.properties["hs_task_body"].partition("Leadlight route ")[2][:16]
            for task in our_tasks(self.live)
        )
        assert max(keys.values(), default=1) == 1, "a route has two tasks"
        tied = self.live.sandbox.portal.associations
        for task in open_tasks(self.live):
            assert tied.of("tasks", task.record_id, "contacts"), "an open task of nobody"

    def _check_tasks(self, lead: Lead) -> None:
        found = open_tasks(self.live, lead.contact_id)
        shown = [task.properties["hs_task_priority"] for task in found]
        wanted = [band for band in (lead.open_band, *lead.extra) if band]
        assert shown == wanted, f"{lead}: {shown}"
        if found and lead.settled == lead.open_band:
            owner = self.record(lead).properties.get("hubspot_owner_id") or self.owners[0]
            assert found[0].properties["hubspot_owner_id"] == owner
            newest = self.newest(lead)
            assert newest is not None
            assert newest in found[0].properties["hs_task_body"]


def play(world: World, story: list[tuple[Any, ...]]) -> None:
    for name, *arguments in story:
        counted["events"] += 1
        counted[name] += 1
        getattr(world, name)(*arguments)
    try:
        world.converge()
        world.check()
    except AssertionError as error:
        error.add_note(f"after {story}")
        raise


ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)


@ON_BOTH
def test_lists_and_tasks_agree_with_the_bands_after_any_sequence(live: Connected) -> None:
    owners = [str(o.owner_id) for o in live.sandbox.portal.owners]
    set_routing(live, fallback_owner_id=owners[0])
    assert lists_of(live, sorted(live.scores())[0])

    examples = max(12, SOAK // (2 * STEPS))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        phases=(Phase.generate,),
        derandomize=not SOAK,
        report_multiple_bugs=False,
    )
    @given(st.lists(steps, min_size=STEPS, max_size=STEPS))
    def holds(story: list[tuple[Any, ...]]) -> None:
        play(World(live), story)

    counted.clear()
    holds()
    print(dict(counted))
