"""what a person sets by hand, and scores without it

Revision: 0033
Before: 0032
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

WHILE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "lead_pins",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("pin_id", sa.String(64), primary_key=True),
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("until", at, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", at, nullable=False),
        sa.Column("ended_at", at),
        sa.Column("ended_by", sa.Text, nullable=False, server_default=""),
    )
    op.create_index("ix_lead_pins_lead", "lead_pins", ["portal_id", "contact_id"])
    op.create_index(
        "ix_lead_pins_until", "lead_pins", ["until"], sqlite_where=WHILE, postgresql_where=WHILE
    )
    op.add_column("scores", sa.Column("own_score", sa.SmallInteger))
    op.add_column("score_history", sa.Column("own_score", sa.SmallInteger))
    op.add_column("score_history", sa.Column("own_band", sa.String(8)))
    lock_down(["lead_pins"])


def downgrade() -> None:
    op.drop_table("lead_pins")
    with op.batch_alter_table("scores") as batch:
        batch.drop_column("own_score")
    with op.batch_alter_table("score_history") as batch:
        batch.drop_column("own_score")
        batch.drop_column("own_band")
