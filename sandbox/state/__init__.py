"""What portals hold, in memory, and the rules by which it changes. No HTTP here."""
