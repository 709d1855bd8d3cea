"""which leads are due or held, and which events and workflows wait, without reading whole tables

Revision: 0026
Before: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_leads_due", "leads")
    _partial("ix_leads_due", "due_at IS NOT NULL", ["portal_id", "urgency", "due_at"])
    _partial("ix_leads_claimed", "claim_token IS NOT NULL", ["portal_id", "claim_token"])
    op.drop_index("ix_mirror_links_other", "mirror_links")
    links = ["portal_id", "object_type", "object_id", "contact_id"]  # nothing else is asked of it
    op.create_index("ix_mirror_links_other", "mirror_links", links)
    op.create_index("ix_inbox_events_due", "inbox_events", ["state", "due_at", "portal_id"])
    op.create_index("ix_executions_waiting", "executions", ["portal_id", "state", "contact_id"])


def _partial(name: str, where: str, columns: list[str]) -> None:
    clause = sa.text(where)
    op.create_index(name, "leads", columns, sqlite_where=clause, postgresql_where=clause)


def downgrade() -> None:
    op.drop_index("ix_executions_waiting", "executions")
    op.drop_index("ix_inbox_events_due", "inbox_events")
    op.drop_index("ix_mirror_links_other", "mirror_links")
    op.create_index(
        "ix_mirror_links_other", "mirror_links", ["portal_id", "object_type", "object_id"]
    )
    op.drop_index("ix_leads_claimed", "leads")
    op.drop_index("ix_leads_due", "leads")
    op.create_index("ix_leads_due", "leads", ["portal_id", "urgency", "due_at"])
