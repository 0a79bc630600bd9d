"""Contracts: which there are, what their details say, and where they are asked for.

What may be changed here: when details are looked up, and how they are kept.
"""

from workers.gateway.contracts.contract_cache import ContractCache, routed

__all__ = ["ContractCache", "routed"]
