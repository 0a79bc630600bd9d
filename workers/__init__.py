"""What stays up: the command line, the one-machine stack, the gateway and the simulator."""

from slotwise.former_paths import install

install()
