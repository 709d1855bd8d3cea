"""which of the portal's segments a lead is in

Revision: 0036
Before: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

SORTED = ["portal_id", "segment", "score", "unclamped", "contact_id"]


def upgrade() -> None:
    op.add_column(
        "standings", sa.Column("segment", sa.String(40), nullable=False, server_default="")
    )
    op.create_index("ix_standings_segment", "standings", SORTED)


def downgrade() -> None:
    op.drop_index("ix_standings_segment", "standings")
    with op.batch_alter_table("standings") as batch:
        batch.drop_column("segment")
