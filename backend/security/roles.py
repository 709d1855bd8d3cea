"""Who may do what: one table. Roles are given per person and portal."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from backend.errors import Forbidden


class Role(StrEnum):
    """What a person is in one portal."""

    REP = "rep"
    MANAGER = "manager"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a request needs."""

    READ_LEADS = "read_leads"
    RESCORE = "rescore"
    GIVE_FEEDBACK = "give_feedback"
    READ_REPORTS = "read_reports"
    EDIT_PROFILE = "edit_profile"
    EDIT_MODEL = "edit_model"
    REPLAY = "replay"
    EDIT_SETTINGS = "edit_settings"
    MANAGE_PORTAL = "manage_portal"
    MANAGE_USERS = "manage_users"
    MANAGE_KEYS = "manage_keys"
    ERASE = "erase"
    READ_AUDIT = "read_audit"


_REP: Final = frozenset(
    {
        Permission.READ_LEADS,
        Permission.RESCORE,
        Permission.GIVE_FEEDBACK,
        Permission.READ_REPORTS,
    }
)
_MANAGER: Final = _REP | {
    Permission.EDIT_PROFILE,
    Permission.EDIT_MODEL,
    Permission.REPLAY,
    Permission.EDIT_SETTINGS,
}
_ADMIN: Final = _MANAGER | {
    Permission.MANAGE_PORTAL,
    Permission.MANAGE_USERS,
    Permission.MANAGE_KEYS,
    Permission.ERASE,
    Permission.READ_AUDIT,
}
PERMISSIONS: Final = {
    Role.REP: _REP,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: _ADMIN,
    Role.AUDITOR: frozenset({Permission.READ_AUDIT}),  # no lead, no report
}


# What only a signed-in person may: a key that made keys or users would outlive whoever made it.
FOR_PERSONS: Final = frozenset({Permission.MANAGE_USERS, Permission.MANAGE_KEYS})


def may(role: str, permission: Permission) -> bool:
    """False for an unknown role."""
    return role in PERMISSIONS and permission in PERMISSIONS[Role(role)]


def require(role: str, permission: Permission) -> None:
    """Raises Forbidden, naming what is missing."""
    if not may(role, permission):
        raise Forbidden(f"this needs the right “{permission.value.replace('_', ' ')}”")
