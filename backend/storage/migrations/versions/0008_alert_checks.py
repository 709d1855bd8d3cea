"""how long a standing alert has been well: it is over only after several checks in a row

Revision: 0008
Before: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    well = sa.Column("well_checks", sa.Integer, nullable=False, server_default="0")
    op.add_column("alerts", well)


def downgrade() -> None:
    op.drop_column("alerts", "well_checks")
