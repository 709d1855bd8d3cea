"""contacts that seem to be gone, and who put each tombstone

Revision: 0010
Before: 0009
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "missing_contacts",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "contact_id", name=op.f("pk_missing_contacts")),
    )
    lock_down(("missing_contacts",))
    op.add_column(
        "tombstones",
        sa.Column("cause", sa.String(16), server_default="unknown", nullable=False),
    )
    # What a person asked for is known from its receipt; the rest of the old ones stays unknown.
    op.execute(
        "UPDATE tombstones SET cause = 'person' WHERE EXISTS (SELECT 1 FROM erasures e"
        " WHERE e.portal_id = tombstones.portal_id AND e.contact_mac = tombstones.contact_mac"
        " AND e.reason = 'request')"
    )


def downgrade() -> None:
    op.drop_column("tombstones", "cause")
    op.drop_table("missing_contacts")
