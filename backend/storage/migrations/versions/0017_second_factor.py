"""a second factor of accounts: the sealed secret and the last time step that was used

Revision: 0017
Before: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("totp_sealed", sa.Text))
    op.add_column("users", sa.Column("totp_step", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("users", "totp_step")
    op.drop_column("users", "totp_sealed")
