"""What works and what waits: for the pages, the command line, metrics and alerts."""
