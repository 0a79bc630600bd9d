"""The outbox: what leaves the gateway for Redis and the lake, kept on disk until it has landed.

What may be changed here: how entries are kept and sent; what is in them is decided elsewhere.
"""
