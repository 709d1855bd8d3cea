"""who gets the weekly report by email

Revision: 0035
Before: 0034
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "report_recipients",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("recipient_id", sa.String(64), primary_key=True),
        sa.Column("address_sealed", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", at, nullable=False),
        sa.Column("unsubscribed_at", at),
    )
    lock_down(["report_recipients"])


def downgrade() -> None:
    op.drop_table("report_recipients")
