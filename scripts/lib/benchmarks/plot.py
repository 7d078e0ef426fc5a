"""A plot as SVG: throughput over the size of the data, and lag over the load."""

import math
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 30, 50
COLOURS = ["#1f5fa8", "#c0392b", "#2e8b57", "#b8860b", "#6a3d9a", "#4d4d4d"]


def report_plot(report):
    """One panel of throughput over sizes, one of lag over rates, as far as there are several."""
    medians = report.medians()
    growth, lag = {}, {}
    for (side, workload, size), got in medians.items():
        if workload == "lag":
            for name in ("p50Milliseconds", "p99Milliseconds"):
                label = f"lag {name.removesuffix('Milliseconds')}"
                lag.setdefault(label, []).append((size, got[name]))
        elif workload not in ("setup", "catchup"):
            growth.setdefault(f"{workload}, {side}", []).append((size, got["perSecond"]))
    panels = []
    if any(len(points) > 1 for points in growth.values()):
        panels.append(_panel("Throughput over data size", "items", "a second", growth))
    if any(len(points) > 1 for points in lag.values()):
        panels.append(_panel("Lag over load", "changes a second", "ms", lag))
    height = HEIGHT * max(1, len(panels))
    body = "".join(
        f'<g transform="translate(0 {HEIGHT * place})">{panel}</g>'
        for place, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"{body}</svg>\n"
    )


def _panel(title, across, up, series):
    sizes = sorted({size for points in series.values() for size, _ in points})
    low, high = math.log10(sizes[0]), math.log10(sizes[-1])
    top = max(value for points in series.values() for _, value in points) * 1.05 or 1

    def x(size):
        share = (math.log10(size) - low) / (high - low) if high > low else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value):
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

    parts = [f'<text x="{LEFT}" y="18" font-size="14">{escape(title)}</text>']
    for step in range(6):
        value = top * step / 5
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" '
            f'stroke="#ddd"/><text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">'
            f"{value:,.0f}</text>"
        )
    for size in sizes:
        parts.append(
            f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{size:,}</text>"
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>')
    parts.append(f'<text x="6" y="{TOP}">{up}</text>')
    for place, (name, points) in enumerate(series.items()):
        colour = COLOURS[place % len(COLOURS)]
        line = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in sorted(points))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>'
            for size, value in points
        ]
        parts.append(
            f'<text x="{WIDTH - RIGHT + 10}" y="{TOP + 16 * place}" fill="{colour}">'
            f"{escape(name)}</text>"
        )
    return "".join(parts)
