"""The libraries alone, as a reader would use them: what we compare ourselves with.

Only here may a client library be met outside its own package.
"""
