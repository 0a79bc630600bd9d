"""Requests with one answer: executions, rates, account values, details of contracts, a bar.

Each is sent under an id of its own, waited for, and forgotten however it ends. Each raises
BrokerError without a connection, BrokerTimeoutError without an answer in time, and
RequestRefusedError where TWS refuses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ib_async.contract import Contract as IbContract
from ib_async.objects import BarData, ExecutionFilter

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from slotwise.exchange_rates import ExchangeRate
from slotwise.quote import Quote
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.executions import newest
from workers.gateway.ib import account_summary, account_values
from workers.gateway.ib.requests import (
    BarsRequest,
    DetailsRequest,
    ExecutionsRequest,
    SummaryRequest,
    SummaryRow,
)
from workers.gateway.ib.translate import decimal, request_contract
from workers.gateway.ib.tws_connection import Link
from workers.gateway.tws_codes import NO_SECURITY

#: The group of accounts that a summary is asked of.
ALL_ACCOUNTS = "All"
#: The bar that is asked for: an hour of minutes, of which the last one counts.
BAR_DURATION, BAR_SIZE, BAR_SECONDS = "3600 S", "1 min", 60

T = TypeVar("T")


async def query_executions(link: Link, timeout_s: float) -> tuple[Execution, ...]:
    """Return the executions of the day, corrected ones in their newest form."""
    done: asyncio.Future[list[Execution]] = asyncio.get_running_loop().create_future()
    req_id = link.start(ExecutionsRequest(done))
    try:
        link.client.reqExecutions(req_id, ExecutionFilter())
        rows = await _in_time(done, timeout_s, "executions")
        return tuple(map(link.commissions.added_to, newest(rows)))
    finally:
        link.forget(req_id)


async def query_exchange_rates(link: Link, timeout_s: float) -> tuple[ExchangeRate, ...]:
    """Return the exchange rates that TWS values the accounts with."""
    rows = await _query_summary(
        link, account_summary.TAGS, account_summary.summary_row, timeout_s, "exchange rates"
    )
    return account_summary.rates_from(rows, datetime.now(UTC))


async def query_accounts_hold(link: Link, timeout_s: float) -> dict[str, bool | None]:
    """Return whether each account holds something by its values; None: they do not decide it."""
    rows = await _query_summary(
        link, account_values.TAGS, account_values.value_row, timeout_s, "account values"
    )
    return account_values.holds_from(rows)


async def query_details(
    link: Link, wanted: IbContract, con_id: int | None, timeout_s: float
) -> list[ContractDetails]:
    """Return the rows of details of what is wanted, one at least."""
    done: asyncio.Future[list[ContractDetails]] = asyncio.get_running_loop().create_future()
    req_id = link.start(DetailsRequest(done))
    what = f"details of {con_id or wanted.symbol}"
    try:
        link.client.reqContractDetails(req_id, wanted)
        details = await _in_time(done, timeout_s, what)
    except RequestRefusedError as error:
        raise RequestRefusedError(error.code, error.text, con_id) from error
    finally:
        link.forget(req_id)
    if not details:
        raise RequestRefusedError(NO_SECURITY, f"TWS knows no {wanted.symbol}", con_id)
    return details


async def query_bar(link: Link, contract: Contract, timeout_s: float) -> Quote:
    """Return the close of a contract's last bar of a minute as a quote."""
    done: asyncio.Future[list[BarData]] = asyncio.get_running_loop().create_future()
    req_id = link.start(BarsRequest(done))
    try:
        link.client.reqHistoricalData(
            req_id, request_contract(contract), "", BAR_DURATION, BAR_SIZE, "TRADES",
            0, 2, False, [],
        )  # fmt: skip
        bars = await _in_time(done, timeout_s, f"bars of contract {contract.con_id}")
    finally:
        if link.forget(req_id) and link.up:
            link.client.cancelHistoricalData(req_id)
    if not bars:
        raise BrokerError(f"TWS has no recent bar of contract {contract.con_id}")
    started_at = datetime.fromtimestamp(int(str(bars[-1].date)), UTC)
    return Quote(
        con_id=contract.con_id,
        observed_at=min(started_at + timedelta(seconds=BAR_SECONDS), datetime.now(UTC)),
        source="bar",
        last=decimal(bars[-1].close),
    )


async def _query_summary(
    link: Link,
    tags: str,
    read: Callable[[str, str, str, str], SummaryRow | None],
    timeout_s: float,
    what: str,
) -> list[SummaryRow]:
    done: asyncio.Future[list[SummaryRow]] = asyncio.get_running_loop().create_future()
    req_id = link.start(SummaryRequest(done, read))
    try:
        link.client.reqAccountSummary(req_id, ALL_ACCOUNTS, tags)
        return await _in_time(done, timeout_s, what)
    finally:
        link.forget(req_id)
        # It is a subscription, of which TWS allows two: cancelled also after its answer.
        if link.up:
            link.client.cancelAccountSummary(req_id)


async def _in_time(done: asyncio.Future[T], timeout_s: float, what: str) -> T:
    try:
        await asyncio.wait((done,), timeout=timeout_s)
    finally:
        # A request may end as its caller is cancelled: its error is not read then.
        if done.done() and not done.cancelled():
            done.exception()
    if not done.done():
        raise BrokerTimeoutError(f"TWS did not answer a request for {what}")
    return done.result()
