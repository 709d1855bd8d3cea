"""counters of webhooks, alerts, erasures and accesses

Revision: 0005
Before: 0002
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("access_log", "alerts", "erasures", "webhook_days")
_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook_days",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("missed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("bad_signatures", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("portal_id", "day", name=op.f("pk_webhook_days")),
    )
    op.create_table(
        "alerts",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("firing", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alerts")),
    )
    op.create_table(
        "erasures",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.String(length=64), nullable=False),
        sa.Column("contact_mac", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("portal_id", "receipt_id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_mac", "erasures", ["portal_id", "contact_mac"])
    op.create_table(
        "access_log",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("portal_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index("ix_access_log_portal", "access_log", ["portal_id", "id"])
    # and what the first migration left open: the sequences of two tables
    lock_down((*TABLES, "inbox_events", "score_history"))


def downgrade() -> None:
    op.drop_index("ix_access_log_portal", table_name="access_log")
    op.drop_table("access_log")
    op.drop_index("ix_erasures_mac", table_name="erasures")
    for table in ("erasures", "alerts", "webhook_days"):
        op.drop_table(table)
