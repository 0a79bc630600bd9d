"""Health: what a process reports of itself over HTTP, to Prometheus and to its supervisor."""
