"""What every service uses: clients, contracts, time, notices, faults."""
