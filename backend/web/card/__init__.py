"""The card's requests."""
