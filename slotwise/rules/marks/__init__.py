"""Marks: what every holding is worth now, how old that is, and how far it may be off.

A contract is quoted once in a while; in between its price is computed. The parts, from the ground
up:

* `black76.py`: prices, greeks and implied volatility of an option on a forward.
* `instrument.py`, `observation.py`, `mark.py`: the values that go in and come out.
* `underlying.py`: the newest price of an underlying.
* `spot_feed.py`: that of one feed, live or delayed, in the unit of the options.
* `smile.py`, `stickiness.py`: how volatility moves when the underlying does.
* `anchor.py`: a quote as the coefficients of the marks that follow it.
* `calibration.py`: factors of the bands, learnt from the misses of earlier marks.
* `neighbours.py`: a first mark from quotes of the same expiry.
* `book.py`: all of them together, for every contract that is held.

Prices are as quoted, numbers are floats, times are seconds since 1970 of one clock. The method is
explained in docs/marks.md, with its figures.
"""
