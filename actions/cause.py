"""Why something is performed, and for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from actions.gather import Address
from school.policy import Policy
from store.outbox import Urgency
from store.schools import SchoolRow
from store.talks import TalkRow


@dataclass(slots=True)
class Cause:
    """Why something is performed, and for whom.

    Attributes:
        languages: the languages our sentences exist in.
        key: what makes everything that follows unique: ``reply:17``, ``absence:…``.
        now: UTC.
        local: the same time at the school.
        inbox_id: the message that was heard, if one was.
        reply_to: the provider's id of the message being answered, for threading.
        said: the outbox ids of what was said, filled in as it happens.
    """

    school: SchoolRow
    policy: Policy
    where: Address
    talk: TalkRow
    language: str
    languages: tuple[str, ...]
    key: str
    now: datetime
    local: datetime
    contact_id: int | None = None
    inbox_id: int | None = None
    reply_to: str | None = None
    urgency: Urgency = Urgency.CONVERSATION
    said: list[int] = field(default_factory=list)
