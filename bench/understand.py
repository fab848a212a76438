"""Row ``understand``: how many messages one core reads, beside one regex over the same texts."""

from __future__ import annotations

import json

from bench.children import finished
from bench.messages import texts
from bench.rows import Row, Scale, measured

_PASSES = 10


def rows(scale: Scale) -> list[Row]:
    """Measure in a fresh process, so that the first answer and the memory are its own."""
    rounds = scale.of(max(_PASSES, scale.rounds), 1)
    answer = json.loads(finished("-m", "bench.reader", str(rounds), text=json.dumps(texts())))
    return [
        measured(
            [(ours, plain) for ours, plain in answer["rounds"]],
            name="understand",
            unit="messages/s",
            baseline_name="one regex",
            better="higher",
            detail=answer["detail"],
        )
    ]
