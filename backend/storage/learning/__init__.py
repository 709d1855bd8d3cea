"""Profiles, analyses, vectors and models."""
