"""What each kind of request does, for all clients together. No I/O; time is an argument."""
