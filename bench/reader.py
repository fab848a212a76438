"""Reads texts on one core in a fresh process, ours and one regex in turns.

``python -m bench.reader ROUNDS`` takes the texts as a JSON list and writes figures as JSON.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.children import memory
from bench.town import DAY

_KEYWORDS = (
    r"ill|sick|poorly|unwell|not well|not feeling|temperature|fever|cough|cold|flu|throat|tummy|bug"
    r"|vomit\w*|diarrh\w*|d&v|chicken ?pox|migraine|headache|ear ?ache|infection|asthma|allerg\w*"
    r"|broken|hospital|a&e|doctors?|gp|dentist|orthodontist|appointment|funeral|died|wedding|holiday"
    r"|eid|late|overslept|broke down|in school|dropped (?:her|him) off|wrong number|stop|thanks?"
    r"|thank you|emergency|anxious|refuses?|where is"
)
_ONE_REGEX = re.compile(rf"\b(?:{_KEYWORDS})\b", re.IGNORECASE)

Read = Callable[[str], object]


def main(rounds: int, texts: list[str]) -> dict[str, Any]:
    """Measure the first answer, then full rounds; memory in MB, None where it cannot be told."""
    before, began = memory(), time.perf_counter()
    understand = importlib.import_module("conversations.understanding.understand").understand

    def ours(text: str) -> object:
        return understand(text, today=DAY)

    ours(texts[0])
    first = time.perf_counter() - began
    ready = memory()
    pairs = [(_per_second(ours, texts), _per_second(_ONE_REGEX.findall, texts))]
    after_one = memory()
    pairs += [
        (_per_second(ours, texts), _per_second(_ONE_REGEX.findall, texts)) for _ in range(rounds)
    ]
    return {
        "rounds": pairs[1:],
        "detail": {
            "texts": len(texts),
            "first_answer_seconds": round(first, 3),
            "memory_mb_for_first_answer": _growth(before, ready),
            "memory_mb_first_pass": _growth(ready, after_one),
            "memory_mb_later_passes": _growth(after_one, memory()),
        },
    }


def _per_second(read: Read, texts: list[str]) -> float:
    began = time.perf_counter()
    for text in texts:
        read(text)
    return len(texts) / (time.perf_counter() - began)


def _growth(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else round(after - before, 2)


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1]), json.load(sys.stdin)), sys.stdout)
