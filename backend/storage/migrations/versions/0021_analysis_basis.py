"""what an analysis stands on: it is kept while that is unchanged

Analyses from before do not say which baseline they saw; each is asked for once more.

Revision: 0021
Before: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("analyses", sa.Column("basis_hash", sa.String(64)))


def downgrade() -> None:
    op.drop_column("analyses", "basis_hash")
