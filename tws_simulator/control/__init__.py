"""Commands and faults on demand: from the control port, or from a script."""
