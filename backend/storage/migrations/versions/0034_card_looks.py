"""when a user last looked at a lead

Revision: 0034
Before: 0033
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "card_looks",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("contact_id", sa.String(64), primary_key=True),
        sa.Column("looker", sa.String(16), primary_key=True),
        sa.Column("looked_at", at, nullable=False),
        sa.Column("before_at", at),
    )
    lock_down(["card_looks"])


def downgrade() -> None:
    op.drop_table("card_looks")
