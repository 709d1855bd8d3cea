"""A trained model's points."""
