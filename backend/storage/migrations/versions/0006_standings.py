"""standings, their daily counts, names that can be searched, owners

Revision: 0006
Before: 0004
"""

import sqlalchemy as sa
from alembic import op

from backend.storage.migrations.lock_down import lock_down

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("owners", "person_words", "score_days", "standings")
STANDINGS_INDEXES = {
    "ix_standings_score": ["portal_id", "score", "unclamped", "contact_id"],
    "ix_standings_band": ["portal_id", "band", "score", "unclamped", "contact_id"],
    "ix_standings_owner": ["portal_id", "owner_id", "score", "unclamped", "contact_id"],
    "ix_standings_source": ["portal_id", "lead_source", "score", "unclamped", "contact_id"],
    "ix_standings_changed": ["portal_id", "changed_at", "contact_id"],
}
LEADS_INDEXES = {
    "ix_leads_waiting": ["portal_id", "due_at", "contact_id"],
    "ix_leads_parked": ["portal_id", "parked_at", "contact_id"],
    "ix_leads_ineligible": ["portal_id", "ineligible_reason", "contact_id"],
}


def upgrade() -> None:
    op.create_table(
        "standings",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("last_score", sa.SmallInteger(), nullable=True),
        sa.Column("unclamped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("band", sa.String(length=8), server_default="", nullable=False),
        sa.Column("next_action", sa.String(length=8), server_default="", nullable=False),
        sa.Column("chance", sa.Float(), nullable=True),
        sa.Column("fit_points", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("engagement_points", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("owner_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lead_source", sa.String(length=64), server_default="", nullable=False),
        sa.Column("industry", sa.String(length=100), server_default="", nullable=False),
        sa.Column("company_size", sa.String(length=32), server_default="", nullable=False),
        sa.Column("revenue_range", sa.String(length=32), server_default="", nullable=False),
        sa.Column("location", sa.String(length=64), server_default="", nullable=False),
        sa.Column("technologies", sa.Text(), server_default="", nullable=False),
        sa.Column("company_name", sa.Text(), server_default="", nullable=False),
        sa.Column("lead_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_touch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=8), server_default="", nullable=False),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("portal_id", "contact_id", name=op.f("pk_standings")),
    )
    op.create_table(
        "score_days",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("medium", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("mean_score", sa.Float(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "day", name=op.f("pk_score_days")),
    )
    op.create_table(
        "person_words",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("word_mac", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint(
            "portal_id", "contact_id", "word_mac", name=op.f("pk_person_words")
        ),
    )
    op.create_table(
        "owners",
        sa.Column("portal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("person_sealed", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "owner_id", name=op.f("pk_owners")),
    )
    op.create_index("ix_person_words_word", "person_words", ["portal_id", "word_mac", "contact_id"])
    # Scores that exist already: their traits follow when they are scored next.
    op.execute(
        "INSERT INTO standings (portal_id, contact_id, score, last_score, unclamped, band, "
        "next_action, chance, changed_at) SELECT portal_id, contact_id, score, score, unclamped, "
        "band, next_action, chance, changed_at FROM scores"
    )
    for name, columns in STANDINGS_INDEXES.items():
        op.create_index(name, "standings", columns)
    for name, columns in LEADS_INDEXES.items():
        op.create_index(name, "leads", columns)
    lock_down(TABLES)


def downgrade() -> None:
    for name in LEADS_INDEXES:
        op.drop_index(name, "leads")
    for table in TABLES:
        op.drop_table(table)
