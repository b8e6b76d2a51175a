"""The growth curves as SVG: a panel for each scenario, both axes logarithmic."""

import math
from xml.sax.saxutils import escape

COLOURS = ["#1f5fbf", "#c2571a", "#3a8f3a", "#8a4fa3"]
WIDTH, HEIGHT, GAP, COLUMNS = 210, 150, 40, 4


def growth(figures: dict, servers: list[str], scenarios: list[str]) -> str:
    """Good answers a second by size, of every server in every scenario."""
    rows = math.ceil(len(scenarios) / COLUMNS)
    width, height = COLUMNS * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP + 20) + 70
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{GAP}" y="22" font-size="14">Good answers a second, by how many users there are (both logarithmic)</text>',
    ]
    for position, server in enumerate(servers):
        x = GAP + position * 150
        parts.append(f'<rect x="{x}" y="34" width="12" height="12" fill="{COLOURS[position]}"/>')
        parts.append(f'<text x="{x + 18}" y="44">{escape(server)}</text>')
    for position, scenario in enumerate(scenarios):
        x = GAP + (position % COLUMNS) * (WIDTH + GAP)
        y = 80 + (position // COLUMNS) * (HEIGHT + GAP + 20)
        parts.append(panel(figures, servers, scenario, x, y))
    return "\n".join([*parts, "</svg>"]) + "\n"


def panel(figures: dict, servers: list[str], scenario: str, x: int, y: int) -> str:
    sizes = sorted(int(size) for size in figures)
    values = [figures[str(size)][server][scenario].get("per_second") for size in sizes for server in servers]
    found = [value for value in values if value]
    low, high = (math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)))) if found else (0, 1)
    high = max(high, low + 1)

    def across(size: int) -> float:
        first, last = math.log10(sizes[0]), math.log10(sizes[-1])
        return x + WIDTH * (0.5 if first == last else (math.log10(size) - first) / (last - first))

    def down(value: float) -> float:
        return y + HEIGHT * (1 - (math.log10(value) - low) / (high - low))

    parts = [f'<text x="{x}" y="{y - 8}" font-size="12">{scenario}</text>']
    for power in range(low, high + 1):
        line = down(10**power)
        parts.append(f'<line x1="{x}" y1="{line:.1f}" x2="{x + WIDTH}" y2="{line:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 4}" y="{line + 4:.1f}" text-anchor="end" fill="#666">{label(10**power)}</text>')
    for size in sizes:
        parts.append(f'<text x="{across(size):.1f}" y="{y + HEIGHT + 14}" text-anchor="middle" fill="#666">{label(size)}</text>')
    for colour, server in zip(COLOURS, servers):
        points = [(across(size), figures[str(size)][server][scenario].get("per_second"), size) for size in sizes]
        shown = [(at, down(value), value, size) for at, value, size in points if value]
        path = " ".join(f"{at:.1f},{height:.1f}" for at, height, _, _ in shown)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for at, height, value, size in shown:
            title = escape(f"{server}, {scenario}, {size:,} users: {value:,.1f} a second")
            parts.append(f'<circle cx="{at:.1f}" cy="{height:.1f}" r="3" fill="{colour}"><title>{title}</title></circle>')
    return "\n".join(parts)


def label(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    return f"{value / 1_000:g}k" if value >= 1_000 else f"{value:g}"
