"""Charts as inline SVG: they scale, follow light and dark, and need nothing but the page they stand in.

Colours come from CSS variables of the page (`--ink`, `--soft`, `--line`, `--mark`), so a chart has none
of its own.
"""

import math
from collections.abc import Sequence
from html import escape

from sim.statistics import Estimate

WIDTH = 720
ROW = 30
LEFT = 300
RIGHT = 110


def nice_step(span: float, num_steps: int = 5) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides `span` into about `num_steps`.

    >>> nice_step(100.0), nice_step(37.0)
    (20.0, 10.0)
    """
    raw = max(span, 1e-9) / num_steps
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw)


def interval_chart(rows: Sequence[tuple[str, Estimate]], unit: str, *, digits: int = 0) -> str:
    """Means as bars from zero, one row each, with their 95 % intervals as whiskers.

    Raises
    ------
    ValueError
        If there are no rows.
    """
    if not rows:
        raise ValueError("a chart needs at least one row")
    top = max(_high(value) for _, value in rows) or 1.0
    step = nice_step(top)
    limit = step * math.ceil(top / step)
    scale = (WIDTH - LEFT - RIGHT) / limit
    height = ROW * len(rows) + 34
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img">']
    for tick in range(round(limit / step) + 1):
        x = LEFT + tick * step * scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="4" y2="{height - 24}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{height - 8}">{tick * step:g}</text>')
    parts.append(f'<text class="unit" x="{WIDTH}" y="{height - 8}">{escape(unit)}</text>')
    for number, (label, value) in enumerate(rows):
        y = 4 + ROW * number
        middle = y + ROW / 2
        parts.append(f'<text class="label" x="{LEFT - 10}" y="{middle + 5:.1f}">{escape(label)}</text>')
        parts.append(f'<rect x="{LEFT}" y="{y + 6}" width="{value.mean * scale:.1f}" height="{ROW - 12}"/>')
        end = LEFT + _high(value) * scale
        if not math.isnan(value.half_width):
            begin = LEFT + max(0.0, value.low) * scale
            whisker = f"M{begin:.1f} {middle - 5:.1f}v10M{begin:.1f} {middle:.1f}H{end:.1f}m0 -5v10"
            parts.append(f'<path class="whisker" d="{whisker}"/>')
        parts.append(f'<text class="value" x="{end + 8:.1f}" y="{middle + 5:.1f}">{figure(value, digits)}</text>')
    parts.append("</svg>")
    return "".join(parts)


def share_chart(series: Sequence[tuple[str, Sequence[float]]], unit: str) -> str:
    """What share of the values lies at or below each value: one rising line a series.

    Raises
    ------
    ValueError
        If there is no series, or one without values.
    """
    if not series or not all(len(values) for _, values in series):
        raise ValueError("a chart needs at least one series, each with values")
    top = max(max(values) for _, values in series) or 1.0
    step = nice_step(top, 8)
    limit = step * math.ceil(top / step)
    height = 320
    plot = (54, WIDTH - 14, 10, height - 34 - 22 * ((len(series) + 1) // 2))
    x_scale, y_scale = (plot[1] - plot[0]) / limit, plot[3] - plot[2]
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img">']
    for tick in range(round(limit / step) + 1):
        x = plot[0] + tick * step * x_scale
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{plot[2]}" y2="{plot[3]}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{plot[3] + 16}">{tick * step:g}</text>')
    parts.append(f'<text class="unit" x="{plot[1]}" y="{plot[3] + 32}">{escape(unit)}</text>')
    for share in (0, 25, 50, 75, 100):
        y = plot[3] - share / 100 * y_scale
        parts.append(f'<line class="grid" x1="{plot[0]}" x2="{plot[1]}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="percent" x="{plot[0] - 6}" y="{y + 4:.1f}">{share} %</text>')
    for number, (label, values) in enumerate(series):
        path = _rising(sorted(values), plot[0], plot[3], x_scale, y_scale)
        parts.append(f'<path class="series s{number % 8}" d="{path}"/>')
        x, y = plot[0] + 340 * (number % 2), height - 6 - 22 * ((len(series) - 1 - number) // 2)
        parts.append(f'<path class="series s{number % 8}" d="M{x} {y - 5}h28"/>')
        parts.append(f'<text class="key" x="{x + 36}" y="{y}">{escape(label)}</text>')
    parts.append("</svg>")
    return "".join(parts)


def figure(value: Estimate, digits: int = 0) -> str:
    """A mean with its half-width, as text.

    >>> figure(Estimate(12345.6, 78.9))
    '12,346 ± 79'
    """
    mean = f"{value.mean:,.{digits}f}"
    return mean if math.isnan(value.half_width) else f"{mean} ± {value.half_width:,.{digits}f}"


def _high(value: Estimate) -> float:
    """The upper end of the interval, or the mean where there is none."""
    return value.mean if math.isnan(value.half_width) else value.high


def _rising(ordered: Sequence[float], left: float, bottom: float, x_scale: float, y_scale: float) -> str:
    """The path of an empirical distribution, thinned to what an eye can tell apart."""
    num_points = min(len(ordered), 200)
    points = []
    for number in range(num_points + 1):
        rank = round(number / num_points * len(ordered))
        value = ordered[max(0, rank - 1)]
        points.append(f"{left + value * x_scale:.1f} {bottom - rank / len(ordered) * y_scale:.1f}")
    return "M" + "L".join(points)
