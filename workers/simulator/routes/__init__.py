"""Which request does what: a table for each desk, and one of them all."""
