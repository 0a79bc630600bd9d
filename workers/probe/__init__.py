"""`slotwise probe`: measure, read-only, how the TWS of the settings behaves."""
