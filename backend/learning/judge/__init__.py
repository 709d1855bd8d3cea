"""Backtests, comparisons, drift."""
