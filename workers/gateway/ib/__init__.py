"""The edge to Interactive Brokers: the only code that imports ib_async.

ib_async's `Client` and `Decoder` speak the wire; `replies.Replies` takes the place of its
`Wrapper`, and `IB` is not used. Both keep state that a process which runs for months cannot
live with, so the traps below are not guarded one by one but have nowhere to happen:

* error 321 leaves a request waiting without end: every error that names a request ends it here
* a second `reqMktData` on a contract leaks a line: a line is known by its own request id
* one cached Ticker per contract shows stale prices and is never freed: each request builds its
  own quote, and both are dropped together
* overlapping `reqPositions` and one that lost its end corrupt each other: `positions` counts ends
* `IB` answers each 1102 with an account summary that is never cancelled: nothing does here
* the start-up fetch asks for orders and accounts: only the handshake is used
* a half-open peer looks connected: `Link.ping` wants an answer within a time
* a refused client id looks like a slow start: the handshake is raced against the socket's end
* a value may be NaN, -1, -2, 0 or 1.8e308: `translate` and `quote_builder` know which are none
"""
