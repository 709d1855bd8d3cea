"""facts of the past are read again: forms and pages are among them now

Revision: 0032
Before: 0031
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM as_of_facts")  # a cache: a training reads what it lacks


def downgrade() -> None:
    """Nothing to take back."""
