"""The lake: the only code that imports deltalake."""
