"""One row of the benchmark: our figure, a plain baseline's, both from the same rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal, TextIO

Better = Literal["higher", "lower"]
Round = tuple[float, float]
"""What one round measured: ours, then the baseline."""


class SkippedError(Exception):
    """A row cannot be measured here; says in plain words what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured.

    Attributes:
        rounds: how often ours and the baseline take turns; the medians are what counts.
        small: a few messages only, to see that a row works; its figures mean nothing.
        schools: how many schools of 400 pupils a morning has.
        postgresql: the address of a server on which databases may be made; None for none.
    """

    rounds: int = 3
    small: bool = False
    schools: int = 30
    postgresql: str | None = None

    def of(self, usual: int, small: int) -> int:
        """Choose between the usual number of something and the small one."""
        return small if self.small else usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure beside its baseline, both in ``unit``."""

    name: str
    unit: str
    ours: float
    baseline_name: str
    baseline: float
    better: Better
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Ours divided by the baseline, whichever way is better."""
        return self.ours / self.baseline

    def as_json(self) -> dict[str, Any]:
        """Write the row with the fields of the command-line contract."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": _figure(self.ours),
            "baseline_name": self.baseline_name,
            "baseline": _figure(self.baseline),
            "ratio": _figure(self.ratio),
            "better": self.better,
            "detail": self.detail,
        }


def measured(
    rounds: Sequence[Round],
    *,
    name: str,
    unit: str,
    baseline_name: str,
    better: Better,
    detail: dict[str, Any] | None = None,
) -> Row:
    """Make a row of the medians of interleaved rounds; the rounds stand in its detail."""
    return Row(
        name=name,
        unit=unit,
        ours=median(ours for ours, _ in rounds),
        baseline_name=baseline_name,
        baseline=median(plain for _, plain in rounds),
        better=better,
        detail=(detail or {}) | {"rounds": [[_figure(a), _figure(b)] for a, b in rounds]},
    )


def write_table(rows: Sequence[Row], out: TextIO) -> None:
    """Write rows for people, in columns."""
    head = ("name", "unit", "ours", "baseline", "", "ratio", "better")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(head))]
    for line in lines:
        cells = (
            cell.rjust(width) if n in {2, 3, 5} else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        out.write("  ".join(cells).rstrip() + "\n")


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.unit,
        _shown(row.ours),
        _shown(row.baseline),
        row.baseline_name,
        _shown(row.ratio),
        row.better,
    )


def _figure(number: float) -> float:
    """Keep four figures: more would pretend to a precision that no machine has."""
    return float(f"{number:.4g}")


def _shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 1000 else f"{number:.3g}"
