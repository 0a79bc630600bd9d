"""The web application: one reader of boards and lake, and pages that a browser opens.

`ages`, `cells`, `sums`, `frame`, `sessions` and `requests` are pure;
`reader` reads in a thread, `feed` hands each message to every page, `handlers` and `server` are the
only code here that imports tornado. What a browser runs is in `assets`, plain modules without a
build step.
"""
