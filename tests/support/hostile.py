"""What no client should send: seeded, so that a red run can be run again."""

from __future__ import annotations

from random import Random

SPY = 756733
ACCOUNT = "DU1234567"

Fields = tuple[object, ...]


def _contract(con_id: int, symbol: str, kind: str, exchange: str) -> Fields:
    return (con_id, symbol, kind, "", 0.0, "", "", exchange, "", "USD", "", "")


STOCK = _contract(SPY, "SPY", "STK", "SMART")
#: Requests as real clients send them; the id is 7 wherever there is one.
REAL: tuple[Fields, ...] = (
    (1, 11, 7, *STOCK, 0, "", 0, 0, ""),
    (1, 11, 7, *STOCK, 0, "", 1, 0, ""),
    (1, 11, 7, *_contract(0, "SPY", "BAG", "SMART"), 1, 5, 1, "BUY", "SMART", 0, "", 0, 0, ""),
    (2, 2, 7),
    (4, 1, 7, ""),
    (5, 1),
    (6, 2, 1, ACCOUNT),
    (7, 3, 7, 1, ACCOUNT, "", "", "", "", ""),
    (9, 8, 7, *STOCK, 0, "", "", ""),
    (9, 8, 7, *_contract(0, "SPX", "OPT", ""), 0, "", "", ""),
    (16, 1),
    (17, 1),
    (20, 7, *STOCK, 0, "", "1 hour", "1 D", 1, "TRADES", 1, 1, ""),
    (25, 1, 7),
    (49, 1),
    (59, 1, 3),
    (61, 1),
    (62, 1, 7, "All", "NetLiquidation"),
    (63, 1, 7),
    (64, 1),
    (71, 2, 99, ""),
    (74, 1, 7, ACCOUNT, ""),
    (76, 1, 7, ACCOUNT, "", 1),
    (78, 7, "SPY", "", "STK", SPY),
    (81, 7, "S"),
    (92, 7, ACCOUNT, ""),
    (94, 7, ACCOUNT, "", SPY),
    (95, 7),
    (99, 0),
    (104, 7),
)
#: What a field can be replaced with.
ODD = (
    b"", b"0", b"-1", b"2147483647", b"2147483648", b"-2147483649", b"1e400", b"nan", b"-inf",
    b"1.7976931348623157E308", b"0x10", b" 7", b"7 ", b"+7", b"1_0", b"\xff\xfe", b"\xc3\x28",
    "ÿ١".encode(), "\N{ROBOT FACE}".encode(), b"\n\r\t", b"%s%n", b"'; --", b"A" * 5000,
    b"9" * 5000, b"99999 Y", b"BAG", b"OPT", b"20991332", b"20261118 25:61:00 Mars/Base",
)  # fmt: skip


def framed(body: bytes) -> bytes:
    """Put a length before a body."""
    return len(body).to_bytes(4, "big") + body


def real(random: Random) -> bytes:
    """Give a body as a client would send it."""
    return b"".join(str(field).encode() + b"\0" for field in random.choice(REAL))


def mutated(random: Random) -> bytes:
    """Give a real body with up to three things wrong."""
    fields = real(random).split(b"\0")[:-1]
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(fields)) if fields else 0
        match random.randrange(6):
            case 0:
                del fields[at : at + 1]
            case 1:
                fields.insert(at, fields[at] if fields else b"1")
            case 2:
                other = random.randrange(len(fields)) if fields else 0
                if fields:
                    fields[at], fields[other] = fields[other], fields[at]
            case 3:
                fields[at : at + 1] = [random.choice(ODD)]
            case 4:
                fields = fields[:at]
            case 5:
                fields.insert(at, b"")
    body = b"".join(field + b"\0" for field in fields)
    # A last field without its end, or NULs for nothing.
    return random.choice((body, body, body, body[:-1], body + b"\0" * 3))


def noise(random: Random) -> bytes:
    """Give a body of fields that mean nothing, under an id that may."""
    fields = [str(random.randint(-5, 120)).encode()]
    fields += [random.choice(ODD) for _ in range(random.randint(0, 30))]
    return b"\0".join(fields) + b"\0"


def garbage(random: Random) -> bytes:
    """Give bytes that are no frames."""
    return random.randbytes(random.randint(1, 400))


def pieces(random: Random, data: bytes) -> list[bytes]:
    """Cut bytes at any places."""
    cuts = sorted(random.randint(0, len(data)) for _ in range(random.randint(0, 6)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
