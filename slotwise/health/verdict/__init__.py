"""The one verdict on the whole system: facts in, the first cause and its consequence out.

`facts` names what is known, `rules_*` each look at one subject, `table` puts them in order and
`decide` answers. Everything here is pure: no clock, no input or output.
"""

from slotwise.health.verdict.decide import decide
from slotwise.health.verdict.facts import Facts
from slotwise.health.verdict.finding import Finding, Verdict

__all__ = ["Facts", "Finding", "Verdict", "decide"]
