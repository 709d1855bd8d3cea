"""a share of the Low leads that is offered for follow-up, to learn from

Revision: 0037
Before: 0036
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "explorations",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("exploration_id", sa.String(64), primary_key=True),
        sa.Column("share", sa.SmallInteger, nullable=False),
        sa.Column("per_week", sa.SmallInteger, nullable=False),
        sa.Column("window_days", sa.SmallInteger, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("started_at", at, nullable=False),
        sa.Column("ended_at", at),
    )
    op.create_table(
        "exploration_leads",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("exploration_id", sa.String(64), primary_key=True),
        sa.Column("contact_id", sa.String(64), primary_key=True),
        sa.Column("company_mac", sa.String(64), nullable=False),
        sa.Column("offered", sa.Boolean, nullable=False),
        sa.Column("assigned_at", at, nullable=False),
        sa.Column("result", sa.String(8), nullable=False, server_default="open"),
        sa.Column("touch_minutes", sa.Integer),
        sa.Column("amount", sa.Float, nullable=False, server_default="0"),
    )
    op.create_index("ix_exploration_leads_lead", "exploration_leads", ["portal_id", "contact_id"])
    op.create_index(
        "ix_exploration_leads_offered",
        "exploration_leads",
        ["portal_id", "offered", "assigned_at"],
    )
    lock_down(["explorations", "exploration_leads"])


def downgrade() -> None:
    op.drop_table("exploration_leads")
    op.drop_table("explorations")
