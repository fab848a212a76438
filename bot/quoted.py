"""Takes off an e-mail what its writer did not write now: quotes, signatures, phone slogans.

Everything works line by line on short lines, so a huge e-mail costs no more than its length.
"""

from __future__ import annotations

import re

_LONGEST_LINE = 400
_MOST_JOINED = 3

# "On Tue, 12 Jan 2027 at 09:31, Larkmead School <a@b> wrote:", and as other programs have it.
# A date or an address must stand in it: "the doctor wrote:" is the parent's own sentence.
_ATTRIBUTION = re.compile(
    r"(?=.*(?:\d|@)).{0,1100}\b(?:wrote|writes|pisze|napisał|napisała|napisał\(a\)|schrieb"
    r"|schrieb .{1,200})\s*:\s*",
    re.IGNORECASE,
)
_ATTRIBUTION_START = re.compile(r"(?:On|W dniu|Dnia|Am|\w{2,4}\.?,? \d{1,2} \w+)\b", re.IGNORECASE)
_DIVIDER = re.compile(
    r"[-_ ]*(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht"
    r"|Wiadomość oryginalna|Oryginalna wiadomość|Wiadomość Oryginalna)[-_ ]*:?"
    r"|_{20,}",
    re.IGNORECASE,
)
_HEADER_FROM = re.compile(r"[*]?(?:From|Von|Od|Nadawca):[*]?\s*\S.*", re.IGNORECASE)
_HEADER_SENT = re.compile(
    r"[*]?(?:Sent|Date|Gesendet|Datum|Wysłano|Wysłane|Data):[*]?\s.*", re.IGNORECASE
)
_SLOGAN = re.compile(
    r"(?:Sent from (?:my |Outlook|Yahoo|Mail for|Samsung|AOL|Proton)|Get Outlook for "
    r"|Von meinem .{1,60} gesendet|Gesendet (?:von|mit) |Diese Nachricht wurde von meinem "
    r"|Wysłan[eo] (?:z |za pomocą )|Pobierz (?:aplikację )?Outlook).{0,120}",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s?")


def without_quotes(text: str) -> str:
    """Give the words written now, above or below what they answer.

    Where nothing would be left, the text is given back whole: a quote that we misjudge must not
    swallow what a parent wrote.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _own_lines(lines)
    own = "\n".join(kept).strip()
    return own or text.strip()


def _own_lines(lines: list[str]) -> list[str]:
    kept: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place].strip()
        if _SIGNATURE.fullmatch(line) or _begins_original(lines, place):
            # Nothing of one's own stands above: perhaps it stands below, after the quote.
            if any(own.strip() for own in kept):
                break
            place += 1
            continue
        taken = _attribution(lines, place)
        if taken:
            place += taken
            if not _quoted_next(lines, place) and any(own.strip() for own in kept):
                break
            continue
        if not (line.startswith(">") or _is_slogan(line)):
            kept.append(lines[place].rstrip())
        place += 1
    return kept


def _begins_original(lines: list[str], place: int) -> bool:
    """Tell whether the message that is answered begins here, with nothing to mark its lines."""
    line = lines[place].strip()
    if len(line) > _LONGEST_LINE:
        return False
    if _DIVIDER.fullmatch(line):
        return True
    below = [other.strip()[:_LONGEST_LINE] for other in lines[place + 1 : place + 5]]
    return bool(_HEADER_FROM.fullmatch(line)) and any(map(_HEADER_SENT.fullmatch, below))


def _attribution(lines: list[str], place: int) -> int:
    """Count the lines of "On … wrote:" that begin here, which programs like to wrap; 0 if none."""
    first = lines[place].strip().lstrip("> ")
    if not _ATTRIBUTION_START.match(first[:_LONGEST_LINE]):
        return 0
    joined = ""
    for count, line in enumerate(lines[place : place + _MOST_JOINED], 1):
        if len(line) > _LONGEST_LINE or (count > 1 and not line.strip()):
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if _ATTRIBUTION.fullmatch(joined):
            return count
    return 0


def _quoted_next(lines: list[str], place: int) -> bool:
    following = (line.strip() for line in lines[place : place + 20])
    return next((line.startswith(">") for line in following if line), False)


def _is_slogan(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and _SLOGAN.fullmatch(line) is not None
