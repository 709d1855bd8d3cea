"""routes, tasks, notifications and workflow executions

Revision: 0004
Before: 0003
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("executions", "notifications", "route_tasks", "routes", "routings")


def upgrade() -> None:
    op.create_table(
        "routings",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=True),
        sa.Column("settled", sa.String(length=8), nullable=True),
        sa.Column("owner_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_run", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("list_wanted", sa.String(length=16), server_default="", nullable=False),
        sa.Column("list_maybe", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "contact_id", name=op.f("pk_routings")),
    )
    op.create_index("ix_routings_due", "routings", ["portal_id", "due_at"])
    op.create_index("ix_routings_settled", "routings", ["portal_id", "settled", "owner_id"])
    op.create_table(
        "routes",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("route_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("task_key", sa.String(length=64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "route_id", name=op.f("pk_routes")),
    )
    op.create_index("ix_routes_lead", "routes", ["portal_id", "contact_id", "decided_at"])
    op.create_table(
        "route_tasks",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("task_key", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("band", sa.String(length=8), nullable=False),
        sa.Column("wanted", sa.String(length=12), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=True),
        sa.Column("route_id", sa.String(length=64), nullable=False),
        sa.Column("done_route_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("content", sa.String(length=128), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("unknown_outcome", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "task_key", name=op.f("pk_route_tasks")),
    )
    op.create_index("ix_route_tasks_due", "route_tasks", ["portal_id", "due_at"])
    op.create_index("ix_route_tasks_lead", "route_tasks", ["portal_id", "contact_id"])
    op.create_index("ix_route_tasks_task", "route_tasks", ["portal_id", "task_id"])
    op.create_table(
        "notifications",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("notification_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("contact_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("digest_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "notification_id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_due", "notifications", ["portal_id", "due_at"])
    op.create_index("ix_notifications_sent", "notifications", ["portal_id", "sent_at"])
    op.create_table(
        "executions",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("callback_id", sa.String(length=128), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("needs_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "callback_id", name=op.f("pk_executions")),
    )
    op.create_index("ix_executions_due", "executions", ["portal_id", "due_at"])
    lock_down(TABLES)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
