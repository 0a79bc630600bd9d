"""`python -P -m slotwise_start.lake_reader` reads the lake for the gateway that starts it."""

from slotwise_start import order_path

order_path()

from workers.gateway.lake_reading import main  # noqa: E402  # the path is in order only now

main()
