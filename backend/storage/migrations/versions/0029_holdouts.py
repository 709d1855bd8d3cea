"""a share of the High leads that is left without follow-up

Revision: 0029
Before: 0028
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "holdouts",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("holdout_id", sa.String(64), primary_key=True),
        sa.Column("share", sa.SmallInteger, nullable=False),
        sa.Column("window_days", sa.SmallInteger, nullable=False),
        sa.Column("planned_leads", sa.Integer, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("started_at", at, nullable=False),
        sa.Column("ended_at", at),
    )
    op.create_table(
        "holdout_leads",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("holdout_id", sa.String(64), primary_key=True),
        sa.Column("contact_id", sa.String(64), primary_key=True),
        sa.Column("company_mac", sa.String(64), nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("assigned_at", at, nullable=False),
        sa.Column("result", sa.String(8), nullable=False, server_default="open"),
        sa.Column("touch_minutes", sa.Integer),
        sa.Column("amount", sa.Float, nullable=False, server_default="0"),
    )
    op.create_index("ix_holdout_leads_lead", "holdout_leads", ["portal_id", "contact_id"])
    lock_down(["holdouts", "holdout_leads"])


def downgrade() -> None:
    op.drop_table("holdout_leads")
    op.drop_table("holdouts")
