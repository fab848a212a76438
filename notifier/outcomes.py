"""What follows from the end of a call: the one table from outcome to next status."""

from __future__ import annotations

from datetime import datetime, timedelta

from notifier.sender import Found, Outcome, Result
from store.outbox import Status, Urgency
from store.sending import CHECKS, Ended, Fenced

_FIRST_WAIT = 30
_LONGEST_WAIT = 600
_THROTTLED_WAIT = 5.0


def after_call(fence: Fenced, result: Result, now: datetime) -> Ended:
    """Decide where a message stands after its call."""
    match result.outcome:
        case Outcome.ACCEPTED:
            return _ended(fence, Status.ACCEPTED, result)
        case Outcome.PERMANENT:
            return _ended(fence, Status.FAILED, result)
        case Outcome.UNKNOWN:
            first = fence.called_at + timedelta(seconds=CHECKS[0])
            return _ended(fence, Status.RECONCILING, result, first)
        case Outcome.THROTTLED:
            wait = result.wait if result.wait is not None else _THROTTLED_WAIT
            return _ended(fence, Status.QUEUED, result, now + timedelta(seconds=wait))
        case Outcome.NOT_SENT | Outcome.ACCOUNT:
            tries = min(fence.row.tries, 6)
            wait = min(_FIRST_WAIT * 2**tries, _LONGEST_WAIT)
            return _ended(fence, Status.QUEUED, result, now + timedelta(seconds=wait))


def after_asking(question: Fenced, found: Found, provider_id: str | None, now: datetime) -> Ended:
    """Decide where a message stands after its provider was asked about it.

    Found: accepted. Absent at the last asking: it was never sent, so a new attempt is safe.
    Cannot tell at the last asking: an alert is put before staff, an answer is sent once more.
    """
    if found is Found.YES:
        result = Result(Outcome.ACCEPTED, provider_id)
        return _ended(question, Status.ACCEPTED, result)
    checks = question.checks + 1
    is_last = checks >= len(CHECKS)
    if found is Found.NO and is_last:
        return _ended(question, Status.QUEUED, Result(Outcome.NOT_SENT, code="absent"), now)
    if found is Found.CANNOT_TELL and (is_last or _cannot_ever_tell(question)):
        is_alert = question.row.urgency != Urgency.CONVERSATION
        again = question.row.tries < 2
        if is_alert or not again:
            return _ended(question, Status.UNCERTAIN, Result(Outcome.UNKNOWN, code="unknown"))
        return _ended(question, Status.QUEUED, Result(Outcome.UNKNOWN, code="sent once more"), now)
    step = CHECKS[min(checks, len(CHECKS) - 1)]
    later = max(question.called_at + timedelta(seconds=step), now + timedelta(seconds=10))
    return _ended(question, Status.RECONCILING, Result(Outcome.UNKNOWN), later, checks=checks)


def _cannot_ever_tell(question: Fenced) -> bool:
    """Telegram and mail have no question to ask; waiting longer would not help."""
    return question.row.channel != "sms"


def _ended(
    fence: Fenced,
    status: Status,
    result: Result,
    again_at: datetime | None = None,
    *,
    checks: int = 0,
) -> Ended:
    return Ended(
        outbound_id=fence.row.key,
        attempt_id=fence.attempt_id,
        status=status,
        outcome=str(result.outcome),
        provider_id=result.provider_id,
        code=result.code,
        again_at=again_at,
        checks=checks,
    )
