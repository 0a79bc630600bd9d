"""Marks of all holdings, each second: the gateway's side of `slotwise.rules.marks`.

* `steady_time.py`: the clock of marks, which is never set.
* `instruments.py`: what marks need to know of each holding, and which underlyings they follow.
* `rounds.py`: quotes in, marks out; works in a thread.
* `rows.py`: rows of table `marks`, once an interval.
* `service.py`: a round each second, and the way to the board.

Change here what marks are made of and where they go; how they are computed is in the rules.
"""
