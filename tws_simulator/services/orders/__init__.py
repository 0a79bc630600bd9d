"""Orders, executions and the exchange that fills them."""
