"""what an owner has put aside on the working list

Revision: 0030
Before: 0029
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "lead_marks",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("contact_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("until", at),
        sa.Column("sign_on", sa.Date),
        sa.Column("engagement_points", sa.SmallInteger, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("made_at", at, nullable=False),
    )
    op.add_column("standings", sa.Column("last_sign_on", sa.Date))
    lock_down(["lead_marks"])


def downgrade() -> None:
    op.drop_table("lead_marks")
    with op.batch_alter_table("standings") as batch:
        batch.drop_column("last_sign_on")
