"""Fitting and calibrating a model."""
