"""filters of the list of leads that a person keeps under a name

Revision: 0024
Before: 0023
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
    )
    lock_down(["saved_views"])


def downgrade() -> None:
    op.drop_table("saved_views")
