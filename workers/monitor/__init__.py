"""The monitor: looks at the whole system each second, and sends every change of the verdict.

`collect` makes the verdict's facts of what is read, `notifier` sends, `monitor` is the loop.
"""
