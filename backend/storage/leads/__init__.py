"""Events, the mirror, due leads and scores."""
