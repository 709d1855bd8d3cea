"""What is stored about a contact."""

from __future__ import annotations

from backend.storage.leads import mirror
from tests.integration.conftest import PORTAL, Connected


def everything_about(connected: Connected, contact_id: str) -> list[str]:
    """Tables that hold the contact's id."""
    found = []
    tables = (
        "leads",
        "scores",
        "score_history",
        "mirror_links",
        "pending_writes",
        "written",
        "analyses",
        "feedback",
        "routings",
        "routes",
        "route_tasks",
        "notifications",
        "executions",
    )
    with connected.product.stores.database.read() as conn:
        for table in tables:
            rows = conn.exec_driver_sql(f"SELECT contact_id FROM {table}").all()  # noqa: S608
            if contact_id in {row[0] for row in rows}:
                found.append(table)
        if mirror.records(conn, PORTAL, "contacts", [contact_id]):
            found.append("mirror_objects")
    return found
