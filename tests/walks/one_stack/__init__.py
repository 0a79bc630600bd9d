"""Walks through one running stack: a package, so that the stack ends with its last walk."""
