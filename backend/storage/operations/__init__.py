"""Backups, maintenance, alerts and figures for the console."""
