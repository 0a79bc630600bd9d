"""Prices as functions of time: the same seed and the same second give the same price."""
