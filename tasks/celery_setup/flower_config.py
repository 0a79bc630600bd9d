"""Flower's configuration, named by `tasks/process.py`.

Flower runs this file and takes the names it knows from it. Options of its command line and
variables that begin with FLOWER_ stand above.
"""

from __future__ import annotations

from slotwise.errors import InputError
from slotwise.secret_files import variable

#: Variable with name and password, NAME:PASSWORD; with _FILE behind it, a file that has them.
LOGIN = "FLOWER_BASIC_AUTH"

try:
    _login = variable(LOGIN) or ""
except InputError as error:
    raise SystemExit(f"flower: {error}") from error
if not all(_login.partition(":")):
    raise SystemExit(f"flower: no one is let in without a password: set {LOGIN}=NAME:PASSWORD")

basic_auth = [_login]
#: What a batch is (its contracts as a count and the first of them) stands beside its name. The page
#: sorts by `received`, the newest first, where it has that column.
tasks_columns = "name,args,state,received,worker,started,runtime,retries,exception,uuid"
#: Tasks in memory and in the file, the newest: some 20 minutes at 10,000 contracts. Flower's own
#: 100,000 take half a gigabyte, and are all written at each save.
max_tasks = 10_000
#: Workers that are gone are shown for an hour, seconds.
purge_offline_workers = 3600
#: A worker in the midst of a batch answers later than Flower's second, milliseconds.
inspect_timeout = 5000.0
