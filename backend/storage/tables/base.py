"""What every table is made of."""

from __future__ import annotations

import sqlalchemy as sa

from backend.storage.database import UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _portal() -> sa.Column[int]:
    return sa.Column("portal_id", sa.BigInteger, primary_key=True, autoincrement=False)


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), primary_key=True)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _partial(name: str, where: str, *columns: str) -> sa.Index:
    """Of the few rows that this holds for, whatever a planner believes of the many others."""
    clause = sa.text(where)
    return sa.Index(name, *columns, sqlite_where=clause, postgresql_where=clause)
