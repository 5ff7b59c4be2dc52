"""Small line charts as SVG, light and dark, for pictures in the documents."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 400, 300
LEFT, TOP, RIGHT, BOTTOM = 44, 40, 14, 44
TICKS = 4

Points = Sequence[tuple[float, float]]

STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #52514e }
  .title { font-weight: 600; fill: #0b0b0b }
  .grid { stroke: #dedcd6 } .line { fill: none; stroke-width: 2 }
  .s0 { stroke: #2a78d6 } .s1 { stroke: #1f8a5c } .s2 { stroke: #b35a00 }
  .d0 { fill: #2a78d6 } .d1 { fill: #1f8a5c } .d2 { fill: #b35a00 } .back { fill: #fcfcfb }
  @media (prefers-color-scheme: dark) {
    text { fill: #c3c2b7 } .title { fill: #fff } .grid { stroke: #3a3936 } .back { fill: #1a1a19 }
    .s0 { stroke: #6aa5ea } .s1 { stroke: #4fbf8b } .s2 { stroke: #eb8f3a }
    .d0 { fill: #6aa5ea } .d1 { fill: #4fbf8b } .d2 { fill: #eb8f3a }
  }
"""
DASHES = ("", "7 4", "2 4")
"""Lines differ in more than colour."""


def charts_svg(panels: Sequence[tuple[str, str, Mapping[str, Points]]], top: float) -> str:
    """Panels side by side, each (title, what the x axis says, points of every line by its name).

    At most three lines, named the same in every panel and listed once below; y runs from 0 to `top` percent.
    """
    width, height = WIDTH * len(panels), HEIGHT + 28
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        f"<style>{STYLE}</style>",
        f'<rect class="back" width="{width}" height="{height}"/>',
    ]
    for index, (title, about_x, lines) in enumerate(panels):
        parts += [f'<g transform="translate({index * WIDTH} 0)">', *_panel(title, about_x, lines, top), "</g>"]
    for index, name in enumerate(panels[0][2]):
        x, y = 44 + index * 230, HEIGHT + 12
        parts.append(f'<path class="line s{index}" stroke-dasharray="{DASHES[index]}" d="M{x} {y}h32"/>')
        parts.append(f'<text x="{x + 40}" y="{y + 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(title: str, about_x: str, lines: Mapping[str, Points], top: float) -> list[str]:
    """One set of axes with its lines."""
    least = min(x for points in lines.values() for x, _ in points)
    most = max(x for points in lines.values() for x, _ in points)

    def place(x: float, y: float) -> str:
        across = LEFT + (x - least) / (most - least) * (WIDTH - LEFT - RIGHT)
        return f"{across:.1f} {HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM):.1f}"

    parts = [f'<text class="title" x="{LEFT}" y="22">{escape(title)}</text>']
    for tick in range(TICKS + 1):
        y = top * tick / TICKS
        x_from, y_from = place(least, y).split()
        parts.append(f'<path class="grid" d="M{x_from} {y_from}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{float(y_from) + 4}" text-anchor="end">{y:g}</text>')
    for tick in range(TICKS + 2):
        x = least + (most - least) * tick / (TICKS + 1)
        across = place(x, 0).split()[0]
        parts.append(f'<text x="{across}" y="{HEIGHT - BOTTOM + 17}" text-anchor="middle">{x:g}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(about_x)}</text>')
    for index, points in enumerate(lines.values()):
        path = "M" + "L".join(place(*point) for point in points)
        parts.append(f'<path class="line s{index}" stroke-dasharray="{DASHES[index]}" d="{path}"/>')
        for point in points:
            across, down = place(*point).split()
            parts.append(f'<circle class="d{index}" cx="{across}" cy="{down}" r="2.5"/>')
    return parts
