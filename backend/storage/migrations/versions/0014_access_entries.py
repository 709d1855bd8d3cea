"""entries of the access log are stored once, however often they are carried over

Revision: 0014
Before: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("access_log", sa.Column("entry_id", sa.String(32)))
    op.create_index("ix_access_log_entry", "access_log", ["entry_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_access_log_entry", "access_log")
    op.drop_column("access_log", "entry_id")
