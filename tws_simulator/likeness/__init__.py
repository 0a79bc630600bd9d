"""A simulator that behaves like a TWS that was probed: `tws-simulator --like probe.json`.

What may be changed here: which facts of a probe are followed, and how.
"""
