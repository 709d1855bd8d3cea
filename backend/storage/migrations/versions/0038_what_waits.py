"""what waits in an outbox, what failed and which erasures are asked for, without reading the rest

Revision: 0038
Before: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

WRITES = ("pending_writes", "company_writes", "deal_writes", "lead_writes")
OTHERS = ("routings", "route_tasks", "notifications", "executions")


def upgrade() -> None:
    for table in WRITES:
        _due(table, "parked_at IS NULL")
        _partial(f"ix_{table}_parked", table, ["portal_id", "parked_at"], "parked_at IS NOT NULL")
    for table in OTHERS:
        _due(table, "parked_at IS NULL AND due_at IS NOT NULL")
    op.drop_index("ix_leads_parked", "leads")
    columns = ["portal_id", "parked_at", "contact_id"]
    _partial("ix_leads_parked", "leads", columns, "parked_at IS NOT NULL")
    columns = ["portal_id", "requested_at"]
    _partial("ix_erasures_waiting", "erasures", columns, "finished_at IS NULL")
    op.create_index("ix_notifications_lead", "notifications", ["portal_id", "contact_id"])


def _due(table: str, where: str) -> None:
    op.drop_index(f"ix_{table}_due", table)
    _partial(f"ix_{table}_due", table, ["portal_id", "due_at"], where)


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    clause = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=clause, postgresql_where=clause)


def downgrade() -> None:
    op.drop_index("ix_notifications_lead", "notifications")
    op.drop_index("ix_erasures_waiting", "erasures")
    op.drop_index("ix_leads_parked", "leads")
    op.create_index("ix_leads_parked", "leads", ["portal_id", "parked_at", "contact_id"])
    for table in (*OTHERS, *WRITES):
        op.drop_index(f"ix_{table}_due", table)
        op.create_index(f"ix_{table}_due", table, ["portal_id", "due_at"])
    for table in WRITES:
        op.drop_index(f"ix_{table}_parked", table)
