"""Outcomes gathered, models trained, judged, published; profiles activated."""
