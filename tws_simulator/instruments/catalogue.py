"""The underlyings that exist without being held.

Prices, volatilities and betas are plausible for US markets of 2026, no more. Ids are IB's own for
contracts that its public examples name; the others are made up.
"""

from __future__ import annotations

from decimal import Decimal

from tws_simulator.instruments.underlying import Underlying

#: Volatility of the market factor that every beta multiplies, per square root of a year.
MARKET_VOL = 0.16

#: Held first and traded most: the book's option underlyings.
CORE = (
    Underlying(
        symbol="SPY", name="SS SPDR S&P 500 ETF TRUST-US", primary_exchange="ARCA",
        con_id=756733, price=682.0, implied_vol=0.16, strike_step=1.0,
    ),
    Underlying(
        symbol="QQQ", name="INVESCO QQQ TRUST SERIES 1", primary_exchange="NASDAQ",
        con_id=320227571, price=612.0, beta=1.2, own_vol=0.06, implied_vol=0.21, strike_step=1.0,
    ),
    Underlying(
        symbol="IWM", name="ISHARES RUSSELL 2000 ETF", primary_exchange="ARCA",
        con_id=9579970, price=244.0, beta=1.1, own_vol=0.1, implied_vol=0.23, strike_step=1.0,
    ),
    Underlying(
        symbol="SPX", name="S&P 500 Stock Index", sec_type="IND", exchange="CBOE",
        con_id=416904, price=6840.0, implied_vol=0.16, strike_step=10.0, option_class="SPXW",
        option_tick=0.05,
    ),
)  # fmt: skip

VIX = Underlying(
    symbol="VIX", name="CBOE Volatility Index", sec_type="IND", exchange="CBOE",
    con_id=13455763, price=16.8, beta=-4.5, own_vol=0.4,
)  # fmt: skip

#: The one future; its expiry is chosen by date.
FUTURE = Underlying(
    symbol="ES", name="E-mini S&P 500", sec_type="FUT", exchange="CME", con_id=11004968,
    price=6868.0,    min_tick=0.25, multiplier=Decimal(50),
)  # fmt: skip

#: symbol, name, primary exchange, IB's id or 0, price, beta, own volatility, implied volatility,
#: strike step, industry.
_STOCKS: tuple[tuple[str, str, str, int, float, float, float, float, float, str], ...] = (
    ("AAPL", "APPLE INC", "NASDAQ", 265598, 262.0, 1.2, 0.18, 0.27, 2.5, "Technology"),
    ("MSFT", "MICROSOFT CORP", "NASDAQ", 272093, 498.0, 1.1, 0.16, 0.24, 2.5, "Technology"),
    ("NVDA", "NVIDIA CORP", "NASDAQ", 4815747, 186.0, 1.8, 0.28, 0.42, 1.0, "Technology"),
    ("AMZN", "AMAZON.COM INC", "NASDAQ", 3691937, 228.0, 1.3, 0.2, 0.31, 2.5, "Communications"),
    ("GOOGL", "ALPHABET INC-CL A", "NASDAQ", 208813719, 281.0, 1.1, 0.19, 0.29, 2.5,
     "Communications"),
    ("META", "META PLATFORMS INC-CLASS A", "NASDAQ", 107113386, 640.0, 1.3, 0.22, 0.33, 5.0,
     "Communications"),
    ("TSLA", "TESLA INC", "NASDAQ", 76792991, 430.0, 1.9, 0.4, 0.55, 2.5, "Consumer, Cyclical"),
    ("AMD", "ADVANCED MICRO DEVICES", "NASDAQ", 4391, 236.0, 1.8, 0.35, 0.5, 2.5, "Technology"),
    ("NFLX", "NETFLIX INC", "NASDAQ", 15124833, 1105.0, 1.1, 0.24, 0.34, 10.0, "Communications"),
    ("JPM", "JPMORGAN CHASE & CO", "NYSE", 1520593, 308.0, 1.0, 0.16, 0.24, 2.5, "Financial"),
    ("BAC", "BANK OF AMERICA CORP", "NYSE", 0, 53.0, 1.1, 0.17, 0.26, 0.5, "Financial"),
    ("GS", "GOLDMAN SACHS GROUP INC", "NYSE", 4627828, 790.0, 1.2, 0.18, 0.28, 5.0, "Financial"),
    ("XOM", "EXXON MOBIL CORP", "NYSE", 13977, 115.0, 0.7, 0.18, 0.23, 1.0, "Energy"),
    ("CVX", "CHEVRON CORP", "NYSE", 0, 156.0, 0.7, 0.18, 0.23, 1.0, "Energy"),
    ("KO", "COCA-COLA CO/THE", "NYSE", 8894, 69.0, 0.5, 0.11, 0.17, 0.5, "Consumer, Non-cyclical"),
    ("PEP", "PEPSICO INC", "NASDAQ", 0, 147.0, 0.5, 0.14, 0.2, 1.0, "Consumer, Non-cyclical"),
    ("WMT", "WALMART INC", "NYSE", 13824, 102.0, 0.7, 0.15, 0.22, 1.0, "Consumer, Cyclical"),
    ("JNJ", "JOHNSON & JOHNSON", "NYSE", 8719, 189.0, 0.5, 0.13, 0.18, 1.0,
     "Consumer, Non-cyclical"),
    ("PFE", "PFIZER INC", "NYSE", 11031, 25.0, 0.6, 0.18, 0.25, 0.5, "Consumer, Non-cyclical"),
    ("UNH", "UNITEDHEALTH GROUP INC", "NYSE", 0, 342.0, 0.7, 0.26, 0.34, 2.5,
     "Consumer, Non-cyclical"),
    ("HD", "HOME DEPOT INC", "NYSE", 0, 382.0, 0.9, 0.15, 0.23, 2.5, "Consumer, Cyclical"),
    ("DIS", "WALT DISNEY CO/THE", "NYSE", 6459, 112.0, 1.0, 0.18, 0.27, 1.0, "Communications"),
    ("BA", "BOEING CO/THE", "NYSE", 4762, 206.0, 1.2, 0.24, 0.34, 2.5, "Industrial"),
    ("CAT", "CATERPILLAR INC", "NYSE", 0, 545.0, 1.1, 0.2, 0.29, 5.0, "Industrial"),
    ("INTC", "INTEL CORP", "NASDAQ", 270639, 38.0, 1.4, 0.38, 0.52, 0.5, "Technology"),
    ("CSCO", "CISCO SYSTEMS INC", "NASDAQ", 268084, 71.0, 0.9, 0.15, 0.23, 0.5,
     "Communications"),
    ("ORCL", "ORACLE CORP", "NYSE", 0, 258.0, 1.3, 0.3, 0.42, 2.5, "Technology"),
    ("CRM", "SALESFORCE INC", "NYSE", 0, 248.0, 1.2, 0.24, 0.33, 2.5, "Technology"),
    ("IBM", "INTL BUSINESS MACHINES CORP", "NYSE", 8314, 306.0, 0.8, 0.18, 0.26, 2.5,
     "Technology"),
    ("QCOM", "QUALCOMM INC", "NASDAQ", 0, 178.0, 1.4, 0.24, 0.34, 2.5, "Technology"),
    ("MU", "MICRON TECHNOLOGY INC", "NASDAQ", 0, 234.0, 1.7, 0.38, 0.52, 2.5, "Technology"),
    ("AVGO", "BROADCOM INC", "NASDAQ", 0, 352.0, 1.6, 0.3, 0.44, 2.5, "Technology"),
    ("PYPL", "PAYPAL HOLDINGS INC", "NASDAQ", 0, 66.0, 1.3, 0.26, 0.36, 0.5,
     "Consumer, Non-cyclical"),
    ("UBER", "UBER TECHNOLOGIES INC", "NYSE", 0, 92.0, 1.3, 0.26, 0.37, 1.0, "Communications"),
    ("COIN", "COINBASE GLOBAL INC -CLASS A", "NASDAQ", 0, 318.0, 2.4, 0.5, 0.68, 2.5, "Financial"),
    ("PLTR", "PALANTIR TECHNOLOGIES INC-A", "NASDAQ", 0, 178.0, 1.9, 0.42, 0.58, 1.0,
     "Technology"),
    ("GLD", "SPDR GOLD SHARES", "ARCA", 0, 376.0, 0.1, 0.17, 0.2, 1.0, "Funds"),
    ("TLT", "ISHARES 20+ YEAR TREASURY BD", "NASDAQ", 0, 89.0, -0.1, 0.11, 0.12, 0.5, "Funds"),
    ("XLF", "FINANCIAL SELECT SECTOR SPDR", "ARCA", 0, 53.0, 1.0, 0.07, 0.18, 0.5, "Funds"),
    ("DIA", "SPDR DJIA TRUST", "ARCA", 0, 472.0, 0.9, 0.03, 0.15, 1.0, "Funds"),
)  # fmt: skip

STOCKS = tuple(
    Underlying(
        symbol=symbol, name=name, primary_exchange=primary, con_id=con_id, price=price, beta=beta,
        own_vol=own_vol, implied_vol=implied_vol, strike_step=step, industry=industry,
    )
    for symbol, name, primary, con_id, price, beta, own_vol, implied_vol, step, industry in _STOCKS
)  # fmt: skip

#: Every underlying except the future, which needs a date.
CATALOGUE = (*CORE, VIX, *STOCKS)
