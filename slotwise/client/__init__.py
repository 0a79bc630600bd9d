"""A client for other processes: positions, portfolio, quotes and updates of a running system."""
