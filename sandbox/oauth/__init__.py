"""Installing the app, and the tokens that follow (ref 2)."""
