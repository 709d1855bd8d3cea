"""Commands about profiles and models."""
