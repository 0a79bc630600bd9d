"""What the simulated accounts hold."""
