"""Leads through the pipeline, and what is saved of it."""
