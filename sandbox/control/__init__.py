"""`/sandbox/…`: what tests and people do to the stand-in itself. HubSpot has nothing there."""
