"""questions that a model will not answer are remembered by their hash, and answers are found by it

Revision: 0022
Before: 0021
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_analyses_question", "analyses", ["portal_id", "kind", "request_hash"])
    op.create_table(
        "refused_questions",
        sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("contact_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_refused_question", "refused_questions", ["portal_id", "kind", "request_hash"]
    )
    lock_down(["refused_questions"])


def downgrade() -> None:
    op.drop_table("refused_questions")
    op.drop_index("ix_analyses_question", "analyses")
