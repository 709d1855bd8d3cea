"""Leadlight for assistants outside HubSpot: a read-only MCP server in front of `/api/v1`."""
