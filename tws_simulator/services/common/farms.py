"""Which of IB's servers ("farms") has what of a contract: market data, history, definitions.

Names of farms are those of recorded sessions; which exchange each carries is not documented, and is
read from names and reports (a future's outage under usfarm.nj is one report, usfuture another).
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.instruments.contract import Contract

#: Regions of exchanges outside the United States.
EUROPE, ASIA, JAPAN, CANADA, UNITED_STATES = "europe", "asia", "japan", "canada", "us"
_EXCHANGES: Mapping[str, tuple[str, ...]] = {
    EUROPE: (
        "LSE", "LSEETF", "LSEIOB1", "IBIS", "IBIS2", "FWB", "FWB2", "SWB", "SWB2", "GETTEX",
        "GETTEX2", "TGATE", "SBF", "AEB", "ENEXT.BE", "BVL", "BVME", "BVME.ETF", "BM", "EBS",
        "VSE", "SFB", "OMXNO", "CPH", "HEX", "OSE", "WSE", "PRA", "BUX", "EUREX", "DTB", "FTA",
        "MONEP", "MEFFRV", "IDEM", "ICEEU", "ICEEUSOFT", "IPE", "LIFFE", "OMS", "SOFFEX", "TASE",
        "CHIXEN", "CHIXUK", "BATEEN", "BATEUK", "TRQXEN", "TRQXUK", "JSE",
    ),
    ASIA: (
        "SEHK", "SEHKNTL", "SEHKSZSE", "HKFE", "SGX", "SGXCME", "NSE", "KSE", "KRX", "TWSE",
        "ASX", "ASXCEN", "SNFE", "CHIXAU", "MEXI.HK",
    ),
    JAPAN: ("TSEJ", "OSE.JPN", "CHIXJ", "JPNNEXT"),
    CANADA: ("TSE", "VENTURE", "CDE", "MSE", "PURE", "CHIXCA", "OMEGA", "ALPHA", "AEQLIT"),
}  # fmt: skip
_REGIONS: Mapping[str, str] = {
    exchange: region for region, exchanges in _EXCHANGES.items() for exchange in exchanges
}
#: Exchanges that say nothing about a region: none, and IB's own routing.
_NOWHERE = frozenset(("", "SMART"))
_CURRENCIES: Mapping[str, str] = {
    **dict.fromkeys(("EUR", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "HUF", "CZK"), EUROPE),
    **dict.fromkeys(("HKD", "SGD", "INR", "KRW", "TWD", "CNH", "AUD"), ASIA),
    "JPY": JAPAN,
    "CAD": CANADA,
}
#: Market data outside the United States, whatever the kind.
_REGIONAL: Mapping[str, str] = {
    EUROPE: "eufarm", ASIA: "hfarm", JAPAN: "jfarm", CANADA: "cafarm",
}  # fmt: skip
#: Market data of the United States, by kind; what is not named is usfarm's.
_US_KINDS: Mapping[str, str] = {
    "OPT": "usopt", "WAR": "usopt", "FUT": "usfuture", "FOP": "usfuture", "CONTFUT": "usfuture",
    "BOND": "usbond", "BILL": "usbond",
}  # fmt: skip
#: Market data of kinds without a region.
_ANYWHERE: Mapping[str, str] = {"CASH": "cashfarm", "CMDTY": "cashfarm", "FUND": "fundfarm"}
US_FARM = "usfarm"
#: All farms of market data that a contract can have.
MARKET_FARMS = tuple(
    dict.fromkeys((US_FARM, *_US_KINDS.values(), *_REGIONAL.values(), *_ANYWHERE.values()))
)
#: History by region, and of kinds without one.
_HISTORY: Mapping[str, str] = {EUROPE: "euhmds", ASIA: "hkhmds", JAPAN: "hkhmds"}
_HISTORY_ANYWHERE: Mapping[str, str] = {"CASH": "cashhmds", "CMDTY": "cashhmds", "FUND": "fundfarm"}
US_HISTORY = "ushmds"
#: Definitions of contracts: of all of them, whichever region.
DEFINITIONS = "secdefil"


def farm_of(contract: Contract) -> str:
    """Return the name of the farm that has a contract's market data."""
    kind = str(contract.sec_type)
    if kind in _ANYWHERE:
        return _ANYWHERE[kind]
    region = region_of(contract)
    return _REGIONAL.get(region) or _US_KINDS.get(kind, US_FARM)


def history_farm_of(contract: Contract) -> str:
    """Return the name of the farm that has a contract's history."""
    anywhere = _HISTORY_ANYWHERE.get(str(contract.sec_type))
    return anywhere or _HISTORY.get(region_of(contract), US_HISTORY)


def region_of(contract: Contract) -> str:
    """Return the region of a contract's exchange; of its currency where that gives none."""
    for exchange in (contract.primary_exchange, contract.exchange):
        if exchange not in _NOWHERE:
            return _REGIONS.get(exchange, UNITED_STATES)
    return _CURRENCIES.get(contract.currency, UNITED_STATES)
