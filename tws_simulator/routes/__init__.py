"""Which request does what: a table for each service, and one of them all."""
