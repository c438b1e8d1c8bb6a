"""Delivery of open alerts: which ones, in how many messages, and each only once. Does not use Dagster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from ingest.error_lines import safe_line
from ingest.errors import CreditsError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration.alerts.deliveries import Deliveries, State, known
from orchestration.alerts.targets import SETTING, Message, Target, load_targets, send
from orchestration.published_version import current_manifest, current_version

TABLE = "mart_usage_alerts"
MOST_MESSAGES = 10
"""Up to this many alerts are sent one by one; more go together in one message."""
MOST_LINES = 20
_BRACKETS = str.maketrans("<>", "\u2039\u203a")
NOT_CONFIGURED = f"no alerts are sent: see {SETTING}"


@dataclass(frozen=True)
class Alert:
    """One open alert of the published version."""

    key: str
    type: str
    is_critical: bool
    summary: str


@dataclass(frozen=True)
class Delivered:
    """The outcome of one round of deliveries; an alert that goes to two targets counts twice.

    `waiting` counts those that the next run tries again, `unknown` those whose delivery was interrupted; `problems` are
    lines for a person.
    """

    targets: int
    open: int
    delivered: int
    waiting: int
    unknown: int
    problems: tuple[str, ...]

    def lines(self) -> list[str]:
        """Lines for a person about what was delivered and what was not; none if there was nothing to do."""
        return [*([f"{counted(self.delivered, 'alert')} delivered"] if self.delivered else []), *self.problems]


def deliver_alerts(settings: Settings, environ: Mapping[str, str] | None = None) -> Delivered | None:
    """Send each open alert of the published version to each target that has not had it yet; None if no target is
    configured.

    Raises:
        CreditsError: the settings, the published version or the record of deliveries can't be used. Failures at a
            target are not raised, but are in `problems`.
    """
    targets = load_targets(environ)
    if not targets:
        return None
    alerts = open_alerts(settings)
    deliveries = Deliveries(settings)
    problems: list[str] = []
    if alerts:
        with deliveries.exclusively():
            before = known(deliveries.attempts())
            for target in targets:
                left = [alert for alert in alerts if before.get((target.name, alert.key), State.FAILED) is State.FAILED]
                problems += _tell(deliveries, target, left)
    else:
        before = {}
    after = _states(known(deliveries.attempts()), targets, alerts)
    new = after[State.DELIVERED] - _states(before, targets, alerts)[State.DELIVERED]
    return Delivered(len(targets), len(alerts), new, after[State.FAILED], after[State.UNKNOWN], tuple(problems))


def _wait(alerts: int) -> str:
    return f"{counted(alerts, 'alert')} {'waits' if alerts == 1 else 'wait'}"


def _states(states: Mapping[tuple[str, str], State], targets: Sequence[Target], alerts: Sequence[Alert]) -> Counter:
    return Counter(states.get((target.name, alert.key), State.FAILED) for target in targets for alert in alerts)


def _tell(deliveries: Deliveries, target: Target, alerts: Sequence[Alert]) -> Iterator[str]:
    sent = 0
    for message in messages(alerts):
        attempt = deliveries.begin(target.name, message.alerts)
        taken, problem = False, f"{target.name} did not take it"
        try:
            taken = send(target, message)
        except CreditsError as error:
            problem = str(error)
        deliveries.end(attempt, target.name, message.alerts, delivered=taken)
        if not taken:
            # A target that fails is not asked again for every alert.
            yield f"{_wait(len(alerts) - sent)} for the next run: {problem}"
            return
        sent += len(message.alerts)


def messages(alerts: Sequence[Alert]) -> list[Message]:
    """One message for each alert or, if there are many, one for all of them."""
    if len(alerts) <= MOST_MESSAGES:
        return [
            Message(
                f"Credits: {alert.type.replace('_', ' ')}", _harmless(alert.summary), alert.is_critical, (alert.key,)
            )
            for alert in alerts
        ]
    lines = [f"{'critical' if alert.is_critical else 'warning'}: {_harmless(alert.summary)}" for alert in alerts]
    more = [f"and {len(lines) - MOST_LINES} more: {TABLE}"] if len(lines) > MOST_LINES else []
    body = "\n".join([*lines[:MOST_LINES], *more])
    keys = tuple(alert.key for alert in alerts)
    return [Message(f"Credits: {len(alerts)} alerts", body, any(alert.is_critical for alert in alerts), keys)]


def _harmless(text: str) -> str:
    """A sentence without text that a service would interpret: control characters, markup, a mention of everybody."""
    plain = "".join(char if char.isprintable() else " " for char in text).translate(_BRACKETS)
    return plain.replace("@everyone", "@ everyone").replace("@here", "@ here")


def open_alerts(settings: Settings) -> list[Alert]:
    """The open alerts of the published version, critical ones first; none if the version has no table of alerts.

    Raises:
        CreditsError: the version can't be read.
    """
    manifest = current_manifest(settings)
    version = current_version(settings)
    if manifest is None or version is None or TABLE not in manifest["tables"]:
        return []
    try:
        with duckdb.connect(str(version / str(manifest["database"])), read_only=True) as connection:
            rows = connection.execute(
                f"select alert_key, alert_type, severity = 'critical', summary from marts.{TABLE} where is_open "
                "order by severity = 'critical' desc, first_seen_on desc, alert_key"
            ).fetchall()
    except duckdb.Error as error:
        raise CreditsError(f"{version} can't be read ({safe_line(error)}): run `credits rebuild`.") from None
    return [Alert(*row) for row in rows]


def delivery_lines(settings: Settings) -> Iterator[str]:
    """The lines of `credits status` about deliveries."""
    alerts = open_alerts(settings)
    critical = sum(alert.is_critical for alert in alerts)
    yield f"alerts      {len(alerts)} open ({critical} critical): {TABLE}"
    try:
        targets = load_targets()
        attempts = Deliveries(settings).attempts()
    except CreditsError as error:
        yield f"undelivered {error}"
        return
    if not targets:
        if alerts:
            yield f"undelivered {NOT_CONFIGURED}"
        return
    waiting = _states(known(attempts), targets, alerts)[State.FAILED]
    if waiting:
        yield f"undelivered {_wait(waiting)} for the next run"
    names, keys = {target.name for target in targets}, {alert.key for alert in alerts}
    for attempt in attempts:
        if attempt.state is State.UNKNOWN and attempt.target in names and keys & {*attempt.alerts}:
            yield (
                f"cut off     {counted(len(attempt.alerts), 'alert')} to {attempt.target} at {attempt.at}: "
                "they may have arrived, and are not sent again"
            )
