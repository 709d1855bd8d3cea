"""Things going wrong on purpose, by rules that tests and people set."""
