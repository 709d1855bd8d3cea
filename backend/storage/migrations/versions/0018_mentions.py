"""which leads' scores name a contact as a neighbour, so that an erasure finds them

Rows from before are listed by the first erasure. Items that are gone from the embedded vector
index leave one row behind, which carries the revision and no id.

Revision: 0018
Before: 0017
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = ("scores", "score_history")


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("mentioned", sa.String(64), primary_key=True),
        sa.Column("contact_id", sa.String(64), primary_key=True),
    )
    op.create_index("ix_mentions_lead", "mentions", ["portal_id", "contact_id"])
    lock_down(["mentions"])
    for table in TABLES:
        op.add_column(
            table, sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.false())
        )
        unlisted = sa.text("NOT listed")
        op.create_index(
            f"ix_{table}_unlisted",
            table,
            ["portal_id"],
            sqlite_where=unlisted,
            postgresql_where=unlisted,
        )
    vectors = sa.table(
        "vectors",
        sa.column("portal_id", sa.BigInteger),
        sa.column("item_id", sa.String),
        sa.column("vector", sa.LargeBinary),
        sa.column("metadata", sa.JSON),
        sa.column("revision", sa.BigInteger),
        sa.column("deleted", sa.Boolean),
    )
    conn = op.get_bind()
    newest = conn.execute(
        sa.select(vectors.c.portal_id, sa.func.max(vectors.c.revision).label("revision"))
        .where(vectors.c.deleted)
        .group_by(vectors.c.portal_id)
    ).all()
    conn.execute(sa.delete(vectors).where(vectors.c.deleted))
    for row in newest:
        conn.execute(
            sa.insert(vectors).values(
                portal_id=row.portal_id,
                item_id="",
                vector=b"",
                metadata={},
                revision=row.revision,
                deleted=True,
            )
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_unlisted", table)
        op.drop_column(table, "listed")
    op.drop_table("mentions")
