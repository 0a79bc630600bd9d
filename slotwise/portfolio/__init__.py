"""The portfolio: what is held, what it is worth, and how old that knowledge is. Pure.

`price.py` is all that the portfolio knows of a price; `row.py` values one holding with it;
`sums.py` adds rows up; `grouping.py` makes groups of them; `selection.py` chooses and sorts;
`opening.py` says what was held at the start of the day. docs/portfolio.md has the definitions.
"""
