"""Answers to questions of a page about the past: what is no time or not known is said in words."""

from __future__ import annotations

from collections.abc import Awaitable
from http import HTTPStatus

import msgspec

from slotwise.account import masked_in
from slotwise.errors import InputError, NotKnownError, SlotwiseError
from slotwise.printable import printable
from workers.web.handlers import Handler
from workers.web.past import TooManyQuestionsError
from workers.web.reconciling import RunningError

#: Longest time in words and longest name of a zone, characters.
LONGEST_WORDS = 64
#: Digits of a contract id at most, as TWS has them.
MOST_DIGITS = 12


class Question(Handler):
    """A handler that asks the lake."""

    def asked(self, name: str) -> str:
        """Return an argument of the address; refuses one that is missing or long."""
        values = self.get_query_arguments(name)
        if len(values) != 1 or not values[0] or len(values[0]) > LONGEST_WORDS:
            self.refuse(HTTPStatus.BAD_REQUEST)
        return values[0]

    def asked_or_none(self, name: str) -> str:
        """Return an argument that may be missing, empty then."""
        return self.asked(name) if self.get_query_arguments(name) else ""

    async def answer(self, asked: Awaitable[object]) -> None:
        """Send what is found, or why nothing is."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        try:
            found = await asked
            self.finish(found if isinstance(found, bytes) else msgspec.json.encode(found))
        except (InputError, NotKnownError) as error:
            self._say(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except RunningError:
            self._say(HTTPStatus.CONFLICT, "a reconciliation runs: wait for its report")
        except TooManyQuestionsError:
            self._say(HTTPStatus.SERVICE_UNAVAILABLE, "too many questions wait: ask again")
        except SlotwiseError as error:
            self._say(HTTPStatus.BAD_GATEWAY, str(error))

    def _say(self, status: HTTPStatus, why: str) -> None:
        self.set_status(status)
        self.finish(msgspec.json.encode({"error": printable(masked_in(why))}))


class PastPortfolio(Question):
    """The portfolio as of a time."""

    async def get(self) -> None:
        """Send a whole frame."""
        self.check_session()
        at, known, zone = self.asked("at"), self.asked_or_none("known"), self.asked("zone")
        await self.answer(self.web.past.portfolio(at, known, zone))


class Day(Question):
    """The day so far: lines, what was not seen, and prices."""

    async def get(self) -> None:
        """Send what was recorded."""
        self.check_session()
        await self.answer(self.web.past.day(self.asked("zone")))


class Batches(Question):
    """The last batches of the queue."""

    async def get(self) -> None:
        """Send how long each took."""
        self.check_session()
        await self.answer(self.web.past.batches())


class ContractHistory(Question):
    """The history of one contract."""

    async def get(self) -> None:
        """Send what was recorded."""
        self.check_session()
        con_id = self.asked("id")
        if not (con_id.isascii() and con_id.isdigit() and len(con_id) <= MOST_DIGITS):
            self.refuse(HTTPStatus.BAD_REQUEST)
        await self.answer(self.web.past.contract(int(con_id)))


class Workers(Question):
    """Who works, and with which share."""

    async def get(self) -> None:
        """Send the workers."""
        self.check_session()
        await self.answer(self.web.workers.get())


class Reconcile(Question):
    """A reconciliation of all accounts, now."""

    async def post(self) -> None:
        """Run it and send its report."""
        self.check_session()
        self.check_origin()
        self.check_word()
        await self.answer(self.web.reconciler.run())
