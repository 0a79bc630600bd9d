"""International security numbers that are made up, with a right check digit."""

from __future__ import annotations

#: Countries whose letters an ISIN begins with, by the currency of the share.
COUNTRIES = {
    "USD": "US", "GBP": "GB", "JPY": "JP", "HKD": "HK", "EUR": "DE", "CHF": "CH", "CAD": "CA",
    "AUD": "AU", "SEK": "SE", "NOK": "NO", "DKK": "DK", "SGD": "SG", "ZAR": "ZA", "ILS": "IL",
}  # fmt: skip


def isin_of(currency: str, con_id: int) -> str:
    """Return the made-up ISIN of a contract: a country, nine digits, a check digit (ISO 6166)."""
    head = f"{COUNTRIES.get(currency, 'XS')}{con_id % 10**9:09d}"
    return head + str(check_digit(head))


def check_digit(head: str) -> int:
    """Return the check digit of the eleven characters before it."""
    digits = "".join(str(int(character, 36)) for character in head)
    doubled = (
        sum(divmod(int(digit) * 2, 10)) if number % 2 == 0 else int(digit)
        for number, digit in enumerate(reversed(digits))
    )
    return -sum(doubled) % 10
