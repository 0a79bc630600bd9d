"""`python -m slotwise_start` is the command line, as the script `slotwise`; `-P` is not needed."""

from slotwise_start import main

main()
