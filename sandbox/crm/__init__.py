"""HubSpot's CRM API over the portals' state (ref 5)."""
