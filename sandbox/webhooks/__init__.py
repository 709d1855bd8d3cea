"""Events about changes, batched, signed and delivered to the app's target URL (ref 3 and 4)."""
