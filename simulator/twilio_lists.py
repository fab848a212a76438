"""Lists of texts: what a query asks for, and how a page of the answer is written."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from simulator.twilio import Account
from simulator.twilio_texts import API_VERSION, Filter, Text


def read_filter(query: Mapping[str, str]) -> Filter:
    """Read what a listing asks for.

    Raises:
        ValueError: a date is none.
    """
    on = query.get("DateSent")
    return Filter(
        to=query.get("To") or None,
        from_=query.get("From") or None,
        sent_on=date.fromisoformat(on[:10]) if on else None,
        # A comparison is written DateSent>=2026-11-23, so its sign belongs to the name.
        sent_since=_moment(query.get("DateSent>")),
        sent_until=_moment(query.get("DateSent<")),
    )


def _moment(written: str | None) -> date | datetime | None:
    if not written:
        return None
    if len(written) == len("2026-11-23"):
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def write_page(
    account: Account, query: Mapping[str, str], texts: list[Text], page: int, size: int, more: bool
) -> dict[str, Any]:
    """Write one page of the list, with the addresses of its neighbours."""
    here = f"/{API_VERSION}/Accounts/{account.sid}/Messages.json"
    kept = {name: value for name, value in query.items() if name not in {"Page", "PageToken"}}
    kept["PageSize"] = str(size)

    def uri(number: int, token: str = "") -> str:
        place = {"Page": str(number)} | ({"PageToken": f"PA{token}"} if token else {})
        return f"{here}?{urlencode(kept | place)}"

    start = page * size
    return {
        "end": start + max(len(texts) - 1, 0),
        "first_page_uri": uri(0),
        "messages": [text.as_json() for text in texts],
        "next_page_uri": uri(page + 1, texts[-1].sid) if more else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": uri(0) if page == 1 else None,
        "start": start,
        "uri": uri(page, query.get("PageToken", "").removeprefix("PA")),
    }
