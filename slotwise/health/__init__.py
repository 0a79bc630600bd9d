"""Health: what a process says of itself over HTTP, to Prometheus and to whoever restarts it."""
