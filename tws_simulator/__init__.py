"""A second TWS: uses the TWS wire protocol with any client and enforces the line limit.

It shares no code with Slotwise, so that it can contradict it. From the outside in:

* `command`, `server`, `connection`, `appended_file`, `control`: the only code that awaits, reads a
  clock or touches a file;
* `session`, `routes`, `pacing`: one client's conversation, as a table of phases and a table of
  requests; `wire_log`, `wire_tap`: a record of it;
* `services`: what each kind of request does: `common`, on it `market_data`, on these `accounts` and
  `orders`;
* `wire`: bytes to values and back;
* `book`, `instruments`, `market`: what is held, what can be asked for, what it is worth.

Everything below `server` takes time and bytes as arguments.
"""
