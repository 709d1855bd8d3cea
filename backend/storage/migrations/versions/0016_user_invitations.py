"""people who were offered a role and have not accepted yet; who made an API key

Revision: 0016
Before: 0014
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "user_invitations",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("portal_id", sa.BigInteger, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("email_sealed", sa.Text, nullable=False),
        sa.Column("email_mac", sa.String(64), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_user_invitations_portal_id", "user_invitations", ["portal_id"])
    lock_down(["user_invitations"])
    op.add_column("api_keys", sa.Column("made_by", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("api_keys", "made_by")
    op.drop_table("user_invitations")
