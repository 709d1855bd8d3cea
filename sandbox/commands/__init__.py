"""The commands of `python -m sandbox`."""
