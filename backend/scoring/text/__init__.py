"""Free text made harmless."""
