"""Erasing, proving it, and giving people a copy."""
