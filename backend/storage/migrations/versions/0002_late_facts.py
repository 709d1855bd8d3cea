"""which facts history says were first written after the outcome

Revision: 0002
Before: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty in rows cached before: their history is read once more.
    op.add_column("as_of_facts", sa.Column("late", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("as_of_facts", "late")
