"""Commands about a portal."""
