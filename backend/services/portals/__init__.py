"""Mode, settings and the life of a portal."""
