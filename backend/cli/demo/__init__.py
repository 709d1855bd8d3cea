"""`make demo`: the whole product on embedded defaults, against a local HubSpot portal."""
