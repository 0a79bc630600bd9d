"""`python -m tws_simulator`."""

from tws_simulator.command import main

if __name__ == "__main__":
    main()
