"""The web application: one reader of boards and lake, and pages that a browser opens.

`ages`, `cells`, `sums`, `system`, `contract_history`, `frame`, `sessions` and `requests` are pure.
`reader` makes frames in a thread, `lake_reader`, `past`, `day` and `batches` ask the lake
beside it, `worker_shares` the workers, and `feed` hands each message to every page. `handlers`,
`questions`, `strict_server` and `server` answer, with tornado. What a browser runs is in `assets`,
plain modules without a build step.
"""
