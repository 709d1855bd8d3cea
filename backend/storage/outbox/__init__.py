"""What waits to be done in HubSpot."""
