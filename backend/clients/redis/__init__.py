"""Redis or Valkey: queue, limits, counters."""
