"""What the running system sees against what the last probe found. Pure."""

from __future__ import annotations

from datetime import datetime

from slotwise.bus.status import GatewayStatus
from slotwise.formatting import counted
from slotwise.health.checks import Check
from workers.probe.fact import ProbeReport


def probe_checks(report: ProbeReport, gateway: GatewayStatus | None, now: datetime) -> list[Check]:
    """Return a row on the last probe, and one for each thing that has changed since."""
    began = datetime.fromisoformat(report.began)
    days = (now - began).days
    age = f"{counted(days, 'day')} old" if days else f"of {began:%Y-%m-%d %H:%M} UTC"
    if not report.logged_in:
        again = "probe again once TWS is logged in: slotwise probe"
        return [Check("probe", "warn", f"{age}, without a login: {report.trouble}", again)]
    rows = [Check("probe", "ok", f"{age}, {counted(len(report.facts), 'fact')}")]
    if gateway is None:
        return rows
    usable = report.value("lines_usable")
    if isinstance(usable, int) and gateway.limit < usable:
        rows.append(
            Check(
                "lines since the probe",
                "warn",
                f"TWS grants {counted(gateway.limit, 'line')}, the probe found {usable}",
                "another program or TWS's windows may use the rest: close them, or probe again",
            )
        )
    data = {fact.value for fact in report.facts if fact.name.startswith("data_")}
    refused = counted(gateway.data.not_permitted, "contract is", "contracts are")
    if gateway.data.not_permitted and data and data <= {"live"}:
        rows.append(
            Check(
                "data since the probe",
                "warn",
                f"{refused} refused for want of a permission, the probe had live data of every "
                "kind",
                "compare the subscriptions in IB's account management; probe again: slotwise probe",
            )
        )
    return rows
