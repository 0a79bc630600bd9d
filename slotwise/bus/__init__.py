"""The bus: the only code that imports redis."""
