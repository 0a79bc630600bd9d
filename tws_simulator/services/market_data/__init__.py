"""Market data lines, snapshots, ticks and historical bars."""
