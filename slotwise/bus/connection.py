"""Connections to Redis: one way to make them, for our own clients and for Celery's.

Rules:
* Time limits and checks are the same everywhere unless the address says otherwise.
* A handshake that fails since one side speaks TLS and the other does not is named as that.
* With Sentinel a connection asks for the master each time that it connects.
* A connection that is refused or cut is made once more. An answer that does not come in time is not
  asked for again: redis-py does so within each greeting too, and one call to a Redis that hangs
  would take 25 s instead of 5.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any, ClassVar, TypeAlias

import redis
from redis.backoff import ExponentialBackoff
from redis.connection import (
    AbstractConnection,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection

from slotwise.bus.whole_commands import WholeCommands
from slotwise.redis_address import RedisAddress

#: A half-open connection is given up after this, seconds.
SOCKET_TIMEOUT_S = 5.0
#: Idle connections are probed this often, seconds: found dead before they are needed.
HEALTH_CHECK_S = 5
#: One quick second try hides a restarted server from most callers; seconds until it, at most.
RETRIES, RETRY_S, LONGEST_RETRY_S = 1, 0.05, 0.5
#: A TLS greeting that takes longer is looked into, seconds: one takes some milliseconds, and who
#: waits for the first line of a process has it within three seconds, retries included.
GREETING_S = 0.5
#: First byte of a TLS alert, which is how a TLS server answers a client that speaks plain text
#: (RFC 8446, section 5.1).
TLS_ALERT = "\\x15"
_NO_REDIS = "does not answer as Redis does"

#: Keyword arguments of redis-py's connections; it has no type for them.
Parameters: TypeAlias = dict[str, Any]


def parameters(address: RedisAddress) -> Parameters:
    """Return what a connection to this address is made with, as redis-py names it."""
    made: Parameters = {
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "health_check_interval": HEALTH_CHECK_S,
        "retry": Retry(
            ExponentialBackoff(LONGEST_RETRY_S, RETRY_S), RETRIES, (redis.ConnectionError,)
        ),
        "db": address.database,
        "username": address.username or None,
        "password": address.password or None,
        **({"ssl_cert_reqs": "required"} if address.tls else {}),
        **address.options,
    }
    if address.socket:
        made.pop("socket_keepalive", None)
        return {**made, "connection_class": SocketConnection, "path": address.socket}
    if address.service:
        managed = SentinelTlsConnection if address.tls else SentinelConnection
        return {**made, "connection_class": managed}
    host, port = address.hosts[0]
    direct = TlsConnection if address.tls else PlainConnection
    return {**made, "connection_class": direct, "host": host, "port": port}


def connection_pool(address: RedisAddress, made: Parameters) -> redis.ConnectionPool:
    """Build a pool of connections with these parameters; of the master, where it is Sentinel's."""
    if not address.service:
        return redis.ConnectionPool(**made)
    common = {name: made[name] for name in ("socket_timeout", "socket_connect_timeout")}
    encrypted = {name: value for name, value in made.items() if name.startswith("ssl_")}
    own = {**common, **encrypted, **address.sentinel_options, "ssl": address.tls}
    # redis-py ships no types of these two.
    sentinel: Any = Sentinel
    managed: Any = SentinelConnectionPool
    pool: redis.ConnectionPool = managed(
        address.service, sentinel(list(address.hosts), sentinel_kwargs=own), **made
    )
    return pool


def speaks_plain_text(peer: Any) -> bool:
    """Return True where a server answers PING in plain text as Redis does; it is no secret."""
    try:
        with socket.create_connection(peer[:2], timeout=GREETING_S) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(1) in (b"+", b"-")
    except OSError:
        return False


class MismatchError(redis.ConnectionError):
    """The server does not fit the address: it uses TLS, or does not, or is no Redis."""


class DoubtfulServerError(redis.ConnectionError):
    """The server ended the connection at the greeting: it ends, or is no Redis."""


def _where(connection: object) -> str:
    """Return the server of a connection, in redis-py's words, which have no types."""
    untyped: Any = connection
    return str(untyped._host_error())


class _NamesItsServer(AbstractConnection):
    """Name the server that does not answer, and how long it was waited for."""

    def _construct_command_packer(self, packer: Any) -> Any:
        """Send each command whole, unless a packer was given; redis-py asks for one."""
        return packer or WholeCommands(self.encoder.encode)

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        """Read the response to a command."""
        try:
            return super().read_response(*args, **kwargs)
        except redis.TimeoutError as error:
            waited = f" within {self.socket_timeout:g} s" if self.socket_timeout else ""
            raise redis.TimeoutError(f"no answer from {_where(self)}{waited}") from error


class _SpeaksPlainText(_NamesItsServer):
    """Name a server that expects TLS, or that is no Redis, where plain text was sent."""

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Greet the server, log in and choose the database."""
        try:
            super().on_connect_check_health(check_health=check_health)
        except redis.InvalidResponse as error:
            if TLS_ALERT in str(error):
                raise MismatchError(self._why("it speaks TLS: write rediss://")) from error
            raise MismatchError(self._why("it is no Redis")) from error
        except redis.ConnectionError as error:
            # A command of the greeting may have connected once more, and logged that already.
            if "closed by server" not in str(error) or _NO_REDIS in str(error):
                raise
            # Also a server that ends, so it is no mismatch for sure.
            raise DoubtfulServerError(
                self._why(f"{error} If it expects TLS, write rediss://")
            ) from error

    def _why(self, reason: str) -> str:
        where = _where(self)
        return f"the server at {where} {_NO_REDIS}: {reason}"


class _SpeaksTls(_NamesItsServer, SSLConnection):
    """Name a server that does not use TLS."""

    #: Servers that did not, asked in plain text first the next time: tries follow each other fast.
    _plain: ClassVar[set[Any]] = set()

    def _wrap_socket_with_ssl(self, sock: socket.socket) -> Any:
        timeout_s, peer = sock.gettimeout(), sock.getpeername()
        if peer in self._plain and speaks_plain_text(peer):
            raise MismatchError(self._why())
        self._plain.discard(peer)
        sock.settimeout(GREETING_S if timeout_s is None else min(GREETING_S, timeout_s))
        try:
            return self._greet(sock, timeout_s)
        except TimeoutError as error:
            # A Redis without TLS takes the greeting for the beginning of a command, and waits.
            if speaks_plain_text(peer):
                self._plain.add(peer)
                raise MismatchError(self._why()) from error
        # A slow one is greeted once more, with all the time there is.
        again = socket.create_connection(peer[:2], timeout=timeout_s)
        try:
            return self._greet(again, timeout_s)
        except TimeoutError as error:
            again.close()
            raise MismatchError(self._why()) from error
        except BaseException:
            again.close()
            raise

    def _greet(self, sock: socket.socket, timeout_s: float | None) -> Any:
        untyped: Any = super()
        greeted = untyped._wrap_socket_with_ssl(sock)
        greeted.settimeout(timeout_s)
        return greeted

    def _why(self) -> str:
        where = _where(self)
        return f"the server at {where} does not answer in TLS: write redis:// where it has none"

    def _error_message(self, error: Exception) -> str:
        where = _where(self)
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the server at {where} is not trusted: {error}"
        if isinstance(error, ssl.SSLError):
            return (
                f"the server at {where} does not answer in TLS ({error}):"
                " write redis:// where it has none"
            )
        untyped: Any = super()
        return str(untyped._error_message(error))


class PlainConnection(_SpeaksPlainText, Connection):
    """A connection to a server, not encrypted."""


class TlsConnection(_SpeaksTls, SSLConnection):
    """A connection to a server over TLS."""


class SocketConnection(_NamesItsServer, UnixDomainSocketConnection):
    """A connection through a Unix socket."""

    def __init__(self, **made: Any) -> None:
        untyped: Any = super()
        untyped.__init__(**made)
        # redis-py reads them where a connection times out, also of a class that has none.
        self.host, self.port = self.path, 0


class SentinelConnection(_SpeaksPlainText, SentinelManagedConnection):
    """A connection to the master that Sentinel names, not encrypted."""


class SentinelTlsConnection(_SpeaksTls, SentinelManagedConnection, SSLConnection):
    """A connection to the master that Sentinel names, over TLS."""
