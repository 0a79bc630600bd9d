"""The address of Redis: one parser for every process, so that what works, works everywhere.

Rules:
* `redis://` and `valkey://` name a server, `rediss://` and `valkeys://` one over TLS; `unix://` and
  `redis+socket://` a socket's path; `sentinel://` and `sentinels://` Sentinels and a service.
* The database is a number, in the path or as `?db=`; the default is 0.
* Characters of a user name or password that have a meaning in an address are percent-encoded.
* Nothing is guessed: an address without a host, with two servers or with an option that
  `redis_options.py` does not list is refused. No message shows a password.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qsl, quote, unquote

import msgspec

from slotwise.errors import InputError
from slotwise.redis_options import OPTIONS, SENTINEL_OPTIONS, TLS_OPTIONS, Readers, Value

#: Schemes of a server, and whether it is reached over TLS.
SERVERS = {"redis": False, "valkey": False, "rediss": True, "valkeys": True}
SOCKETS = ("unix", "redis+socket")
SENTINELS = {
    "sentinel": False,
    "redis+sentinel": False,
    "sentinels": True,
    "rediss+sentinel": True,
}
PORT, SENTINEL_PORT = 6379, 26379

_HOST = re.compile(r"\[(?P<six>[0-9A-Fa-f:.%]+)\]|(?P<name>[^\s:/?#@\[\],;%]+)")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_QUOTED = "must be percent-encoded in a user name or password (@ is %40, / is %2F, # is %23)"


class RedisAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where Redis is and how to connect; `hosts` are Sentinels where `service` is named."""

    hosts: tuple[tuple[str, int], ...] = ()
    #: Path of a Unix socket; then there is no host.
    socket: str = ""
    service: str = ""
    database: int = 0
    username: str = ""
    password: str = ""
    tls: bool = False
    #: Further options of redis-py's connections, of the right types.
    options: Mapping[str, Value] = {}
    sentinel_options: Mapping[str, Value] = {}

    @property
    def url(self) -> str:
        """Write the address in one form, with its password and without options."""
        return self._text(quote(self.password, safe=""))

    @property
    def label(self) -> str:
        """Write the address for people: without password and options."""
        return self._text("***")

    def _text(self, password: str) -> str:
        secret = f"{quote(self.username, safe='')}:{password}@" if self.password else ""
        if self.socket:
            return f"unix://{secret}{quote(self.socket)}?db={self.database}"
        default = SENTINEL_PORT if self.service else PORT
        hosts = ",".join(
            f"{f'[{host}]' if ':' in host else host}:{port or default}" for host, port in self.hosts
        )
        if self.service:
            scheme = "sentinels" if self.tls else "sentinel"
            return f"{scheme}://{secret}{hosts}/{quote(self.service, safe='')}/{self.database}"
        return f"{'rediss' if self.tls else 'redis'}://{secret}{hosts}/{self.database}"


def parse_redis_address(text: str) -> RedisAddress:
    """Parse an address; raise InputError with what is wrong with it, and how to write it."""
    text = text.strip()
    if not text:
        raise InputError(
            "REDIS_URL is empty: leave it out for redis://127.0.0.1:6379/0, or name a server"
        )
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator:
        _refuse(text, "has no scheme: write redis://HOST:6379/0")
    if scheme in SENTINELS:
        return _sentinel(text, scheme, rest)
    if re.search(r"[,;\s]\s*[a-z+]+://", rest, re.IGNORECASE):
        _refuse(text, "names several servers: name one, or Sentinels (sentinel://HOST,HOST/NAME)")
    if scheme in SOCKETS:
        return _socket(text, rest)
    if scheme in SERVERS:
        return _server(text, rest, SERVERS[scheme])
    if "cluster" in scheme:
        _refuse(text, "names a Redis Cluster, which is not supported: name a single server")
    known = ", ".join(f"{name}://" for name in (*SERVERS, *SOCKETS, *list(SENTINELS)[::2]))
    return _refuse(text, f"has the unknown scheme {scheme}://: use one of {known}")


def shown(text: str) -> str:
    """Return an address of any form without what may be a password."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    before, at, host = rest.rpartition("@")
    if at:
        user = before.partition(":")[0] if ":" in before else ""
        rest = f"{user}:***@{host}"
    elif not re.fullmatch(r"[^:]*(:[0-9]*)?([/?].*)?|\[.*", rest):
        # What is no port may be a password whose @HOST was forgotten.
        rest = f"{rest.partition(':')[0]}:***"
    rest = re.sub(r"(password=)[^&\s]*", r"\1***", rest, flags=re.IGNORECASE)
    return f"{scheme}{separator}{rest}"


def _refuse(text: str, reason: str) -> NoReturn:
    raise InputError(f"REDIS_URL {shown(text)!r} is no Redis address: it {reason}")


def _server(text: str, rest: str, tls: bool) -> RedisAddress:
    authority, path, query = _parts(text, rest)
    username, password, where = _login(text, authority)
    if re.search("[,;]", where):
        _refuse(text, "names several servers: name one, or Sentinels (sentinel://HOST,HOST/NAME)")
    options = _options(text, query, tls)
    username, password = _credentials(text, username, password, options)
    return RedisAddress(
        hosts=(_host(text, where, PORT),),
        database=_database(text, path.strip("/"), options),
        username=username,
        password=password,
        tls=tls,
        options=options,
    )


def _socket(text: str, rest: str) -> RedisAddress:
    authority, path, query = _parts(text, rest)
    username, password, where = _login(text, authority)
    if where or len(path) < 2:
        _refuse(text, "names no socket: write unix:///PATH/redis.sock?db=0, with three slashes")
    if _BAD_ESCAPE.search(path):
        _refuse(text, "has a % in its path: write %25")
    options = _options(text, query, tls=False)
    username, password = _credentials(text, username, password, options)
    return RedisAddress(
        socket=unquote(path),
        database=_database(text, "", options),
        username=username,
        password=password,
        options=options,
    )


def _sentinel(text: str, scheme: str, rest: str) -> RedisAddress:
    tls = SENTINELS[scheme]
    # Celery's form repeats the scheme before each Sentinel.
    rest = re.sub(rf"[;,]\s*{re.escape(scheme)}://", ",", rest, flags=re.IGNORECASE)
    authority, path, query = _parts(text, rest)
    username, password, where = _login(text, authority)
    hosts = tuple(_host(text, part, SENTINEL_PORT) for part in re.split("[,;]", where))
    options = _options(text, query, tls, SENTINEL_OPTIONS)
    username, password = _credentials(text, username, password, options)
    names = [unquote(part) for part in path.split("/") if part]
    service = str(options.pop("master_name", ""))
    if not service and names and not names[0].isdecimal():
        service = names.pop(0)
    if not service:
        _refuse(text, "names no service: write sentinel://HOST:26379,HOST:26379/NAME/0")
    own = {name: options.pop(name) for name in SENTINEL_OPTIONS if name in options}
    return RedisAddress(
        hosts=hosts,
        service=service,
        database=_database(text, "/".join(names), options),
        username=username,
        password=password,
        tls=tls,
        options=options,
        sentinel_options={name.removeprefix("sentinel_"): value for name, value in own.items()},
    )


def _parts(text: str, rest: str) -> tuple[str, str, str]:
    """Split what is behind the scheme into server, path and query."""
    if re.search(r"[\s\x00-\x1f\x7f]", rest):
        _refuse(text, f"contains a space or a control character, which {_QUOTED}")
    if "#" in rest:
        _refuse(text, f"contains #, which {_QUOTED}")
    before, _, query = rest.partition("?")
    authority, slash, path = before.partition("/")
    if "@" not in authority and "@" in path + query and ":" in authority:
        # redis://:pa/ss@host: the password was cut at its slash.
        _refuse(text, f"has an @ behind its host: characters such as / ? # @ {_QUOTED}")
    return authority, slash + path, query


def _login(text: str, authority: str) -> tuple[str, str, str]:
    """Split user name and password from the host."""
    login, at, where = authority.rpartition("@")
    if not at:
        return "", "", where
    if re.search(r"[@\[\]]", login):
        _refuse(text, f"has two @: an @ or [ {_QUOTED}")
    if _BAD_ESCAPE.search(login):
        _refuse(text, "has a % in its user name or password: write %25")
    username, colon, password = login.partition(":")
    if not password:
        _refuse(
            text,
            "has a user name without a password: write USER:PASSWORD@HOST, or :PASSWORD@HOST"
            if username or colon
            else "has an @ without user name and password",
        )
    return unquote(username), unquote(password), where


def _credentials(
    text: str, username: str, password: str, options: dict[str, Value]
) -> tuple[str, str]:
    """Take the login from before the host, or from the options."""
    given = {name: str(options.pop(name)) for name in ("username", "password") if name in options}
    if given and password:
        _refuse(text, "has a user name or password twice: before the host, and behind the ?")
    if given.get("username") and not given.get("password"):
        _refuse(text, "has a user name without a password")
    return given.get("username", username), given.get("password", password)


def _host(text: str, where: str, default: int) -> tuple[str, int]:
    found = _HOST.match(where)
    if found is None:
        _refuse(text, "names no host: write redis://HOST:6379/0")
    port = where[found.end() :]
    if not port:
        return found["six"] or found["name"], default
    number = port[1:]
    if port[0] != ":" or not re.fullmatch(r"[0-9]{1,5}", number) or not 0 < int(number) < 65536:
        # Not shown: it may be a password whose @HOST was forgotten.
        _refuse(text, "has a port that is not a number from 1 to 65535: write HOST:6379")
    return found["six"] or found["name"], int(number)


def _database(text: str, path: str, options: dict[str, Value]) -> int:
    """Take the number of the database from the path, or from the options."""
    named = {str(options.pop(name)) for name in ("db", "virtual_host") if name in options}
    if path:
        named.add(path)
    numbers = {int(name) if re.fullmatch("[0-9]{1,9}", name) else -1 for name in named}
    if -1 in numbers:
        wrong = next(name for name in sorted(named) if not re.fullmatch("[0-9]{1,9}", name))
        _refuse(text, f"has the database {wrong!r}: a database of Redis is a number, such as 0")
    if len(numbers) > 1:
        _refuse(text, "has two databases: name it in the path or as ?db=, once")
    return numbers.pop() if numbers else 0


def _options(text: str, query: str, tls: bool, more: Readers | None = None) -> dict[str, Value]:
    """Read the options behind the question mark."""
    known = {**OPTIONS, **(TLS_OPTIONS if tls else {}), **(more or {})}
    found: dict[str, Value] = {}
    for part in query.split("&") if query else ():
        [(name, value)] = parse_qsl(part, keep_blank_values=True) or [(part, "")]
        if name in found:
            _refuse(text, f"has the option {name} twice")
        if name in TLS_OPTIONS and not tls:
            _refuse(text, f"has the option {name}, which needs TLS: write rediss://")
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            instead = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            _refuse(text, f"has the unknown option {name!r}: {instead}")
        try:
            found[name] = known[name](value)
        except ValueError as error:
            _refuse(text, f"has {name}={value}: it is {error}")
    return found
