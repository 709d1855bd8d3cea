"""what a rep says of a score in own words

Revision: 0023
Before: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "feedback", sa.Column("comment", sa.String(500), nullable=False, server_default="")
    )


def downgrade() -> None:
    with op.batch_alter_table("feedback") as batch:
        batch.drop_column("comment")
