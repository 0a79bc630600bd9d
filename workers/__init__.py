"""What stays up: the command line, the one-machine stack, the gateway and the simulator."""
