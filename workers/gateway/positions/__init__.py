"""Positions: polled, pushed, weighed against evidence, and passed on.

What may be changed here: when a holding is believed, when it is gone, and where it goes.
"""
