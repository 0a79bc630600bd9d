"""Lines: which contract holds one, when it is asked for, and quotes in turn for the others.

What may be changed here: when TWS is asked for market data, and what is made of its silence.
"""
