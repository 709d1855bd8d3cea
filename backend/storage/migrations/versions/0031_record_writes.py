"""scores on companies, deals and lead records: what waits to be written there, and what HubSpot has

Revision: 0031
Before: 0030
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
WAITING = ("company_writes", "deal_writes", "lead_writes")
WRITTEN = ("company_written", "deal_written", "lead_written")


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    for name in WAITING:
        op.create_table(
            name,
            sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("object_id", sa.String(64), primary_key=True),
            sa.Column("payload", sa.JSON, nullable=False),
            sa.Column("version", sa.String(32), nullable=False),
            sa.Column("unknown_outcome", sa.Boolean, nullable=False, server_default=sa.false()),
            sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
            sa.Column("created_at", at, nullable=False),
            sa.Column("due_at", at, nullable=False),
            sa.Column("parked_at", at),
            sa.Column("problem", sa.Text, nullable=False, server_default=""),
        )
        op.create_index(f"ix_{name}_due", name, ["portal_id", "due_at"])
    for name in WRITTEN:
        op.create_table(
            name,
            sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("object_id", sa.String(64), primary_key=True),
            sa.Column("payload", sa.JSON, nullable=False),
            sa.Column("crm_updated_at", at),
            sa.Column("written_at", at, nullable=False),
        )
    lock_down([*WAITING, *WRITTEN])


def downgrade() -> None:
    for name in (*WRITTEN, *WAITING):
        op.drop_table(name)
