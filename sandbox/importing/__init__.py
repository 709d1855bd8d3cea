"""Loading a CSV of real companies or contacts into a portal."""
