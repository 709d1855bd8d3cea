"""What is looked through in every portal every week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from backend.errors import BadInput
from backend.jobs.upkeep import embedding_upkeep
from backend.jobs.upkeep.scoring_patterns import PatternSummary, summarise
from backend.services.learning.suggest import suggest
from backend.storage import runs
from backend.storage.operations import maintenance
from backend.storage.portals.portals import Portal
from backend.wiring import Product

SUGGESTED: Final = 10  # of each kind in a report; the console shows them all
MOVED_POINTS: Final = 5.0  # the portal's mean since last week: worth a look
Still = Callable[[], Any]


def patterns(product: Product, portal: Portal, still: Still) -> dict[str, Any]:
    """Scores by band and by profile field, against last week's report."""
    now = summarise(product.stores.database, product.stores.clock, portal, still)
    with product.stores.database.read() as conn:
        earlier = maintenance.reports(conn, portal.portal_id, "weekly", limit=2)
    last = next((r.body["patterns"] for r in earlier if "patterns" in r.body), None)
    moved = _moved(now, last)
    return {"ok": abs(moved) <= MOVED_POINTS, "mean_moved": moved} | asdict(now)


def _moved(now: PatternSummary, last: Any) -> float:
    if last is None or not last.get("leads") or not now.leads:
        return 0.0
    return round(now.mean - float(last["mean"]), 2)


def drift(product: Product, portal: Portal, _: Still) -> dict[str, Any]:
    """What the weekly drift report says; the schedule makes it by itself."""
    with product.stores.database.read() as conn:
        run = runs.latest(conn, portal.portal_id, "drift")
    found = run.position.get("report") if run is not None else None
    if found is None:
        return {"ok": True, "note": "no model in use"}
    return {"ok": found["level"] != "alarm", "level": found["level"]}


def suggestions(product: Product, portal: Portal, _: Still) -> dict[str, Any]:
    """What won clients have in common; a person decides what to do with it."""
    try:
        found = suggest(product, portal)
    except BadInput as error:
        return {"ok": True, "note": str(error)}
    return {
        "ok": True,
        "won": found.won,
        "lost": found.lost,
        "criteria": [asdict(one) for one in found.criteria[:SUGGESTED]],
        "clients": [asdict(one) for one in found.mined[:SUGGESTED]],
    }


def embeddings(product: Product, portal: Portal, still: Still) -> dict[str, Any]:
    """Remove what no lead and no client needs any more."""
    return {"ok": True} | embedding_upkeep.prune(product, portal, still)


def recall(product: Product, portal: Portal, _: Still) -> dict[str, Any]:
    """Does the index find what an exact search finds?"""
    found = embedding_upkeep.recall(product, portal)
    return {"ok": found["recall"] >= embedding_upkeep.RECALL_MIN} | found


def population(product: Product, portal: Portal, _: Still) -> dict[str, Any]:
    """Count the portal's leads again; every lead is then held against the new counts."""
    if portal.pulled_at is None or portal.state != "connected":
        return {"ok": True, "note": "the portal is not pulled"}
    with product.stores.database.write() as conn:
        runs.restart(conn, portal.portal_id, "population", product.stores.clock.now())
    product.stores.jobs.enqueue("population", portal_id=portal.portal_id)
    return {"ok": True, "started": True}
