"""when a portal was scored last, without reading every score

Revision: 0007
Before: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_scores_scored", "scores", ["portal_id", "scored_at"])


def downgrade() -> None:
    op.drop_index("ix_scores_scored", "scores")
