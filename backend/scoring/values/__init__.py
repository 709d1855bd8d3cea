"""Single values as people write them."""
