"""Accounts, positions and profit and loss, as clients ask for them."""
