"""From outcomes to a table of features."""
