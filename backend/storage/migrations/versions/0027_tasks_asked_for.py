"""tasks that a person asked for

Revision: 0027
Before: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "route_tasks",
        sa.Column("by_person", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    with op.batch_alter_table("route_tasks") as batch:
        batch.drop_column("by_person")
