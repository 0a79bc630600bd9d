"""Answer clients as a recording did."""
