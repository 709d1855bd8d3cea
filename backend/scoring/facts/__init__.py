"""From a record to typed facts."""
