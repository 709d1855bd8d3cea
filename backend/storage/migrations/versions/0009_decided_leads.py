"""decided leads by the day of their outcome, without reading every lead

Revision: 0009
Before: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = ["portal_id", "outcome", "outcome_at", "contact_id"]


def upgrade() -> None:
    op.create_index("ix_standings_outcome", "standings", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_standings_outcome", "standings")
