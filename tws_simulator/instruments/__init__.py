"""What can be asked for: contracts, underlyings, and the matching of requests to them."""
