"""The screen of `slotwise top`: tabs with rows that are moved through, sorted and filtered.

Pure: `sheet` is what a tab shows, `view` how its user looks at it, `layout` draws it in a width;
`portfolio_tab`, `lines_tab` and `queue_tabs` make sheets of what was read. `holdings_reader` reads
what is held in a thread. The only code that imports textual: `sheet_view`, `why_screen` and `app`.
"""
