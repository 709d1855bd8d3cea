"""when leads came into their bands, and what became of them

Revision: 0028
Before: 0027
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "band_entries",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("contact_id", sa.String(64), primary_key=True),
        sa.Column("band", sa.String(8), primary_key=True),
        sa.Column("entered_at", at, nullable=False),
        sa.Column("week", sa.Date, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("chance", sa.Float),
        sa.Column("owner_id", sa.String(64), nullable=False, server_default=""),
        sa.Column("lead_source", sa.String(64), nullable=False, server_default=""),
        sa.Column("touched_at", at),
        sa.Column("touch_minutes", sa.Integer),
        sa.Column("meeting_at", at),
        sa.Column("opportunity_at", at),
        sa.Column("won_at", at),
        sa.Column("amount", sa.Float, nullable=False, server_default="0"),
        sa.Column("deals", sa.Integer, nullable=False, server_default="0"),
        sa.Column("result", sa.String(8), nullable=False),
    )
    op.create_index("ix_band_entries_week", "band_entries", ["portal_id", "band", "week"])
    op.add_column("standings", sa.Column("last_touch_at", at))
    op.add_column(
        "standings",
        sa.Column("company_key", sa.String(128), nullable=False, server_default=""),
    )
    op.add_column("owners", sa.Column("team", sa.String(100), nullable=False, server_default=""))
    lock_down(["band_entries"])


def downgrade() -> None:
    op.drop_table("band_entries")
    for table, column in (
        ("standings", "last_touch_at"),
        ("standings", "company_key"),
        ("owners", "team"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
