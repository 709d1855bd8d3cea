"""From facts to points."""
