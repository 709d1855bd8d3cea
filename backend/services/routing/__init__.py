"""What happens in HubSpot because of a band."""
