"""The screen of `slotwise top` and `slotwise status`: how the whole system stands.

From the inside out: `facts` holds what was found out, `verdict` judges it, `draw` lays out the
`sections`, `data` gives the same as JSON. All of these are pure. `readers` reads Redis, workers and
lake, `collect` does so again and again in threads; `workers.top` shows it until it is ended.
"""
