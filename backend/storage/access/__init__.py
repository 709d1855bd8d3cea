"""Accounts, sessions, keys, the audit trail and the access log."""
