"""The colours and sizes of a drawn floor, light and dark, for a phone and for a desk.

Every text stands on `--paper`, `--floor` or its own mark with a contrast of 7:1 or more. Sizes are those of
a phone, 360 px for the drawing's 720 units; a wider screen draws texts and marks smaller against the floor.
"""

NUM_ZONE_TINTS = 8
"""So many zones get a colour of their own; after that they repeat."""

FONT = 22
"""Font size in the drawing's units, on a phone."""

STYLE = """
.ow{--paper:#ffffff;--ink:#141c26;--floor:#e9edf2;--line:#66727f;--way:#0a4fc4;--gone:#5d6976;--onway:#ffffff;
--stop:#083a8f;--onstop:#ffffff;--next:#b3261e;--start:#0b5a2b;--end:#8c1d18;--block:#8c1d18;
--z0:#bcc5d0;--z1:#8fc1ea;--z2:#b9a7ec;--z3:#f0b27a;--z4:#e59a9a;--z5:#8fcfa5;--z6:#dfcf7a;--z7:#d79ccb}
@media (prefers-color-scheme:dark){.ow{--paper:#10161e;--ink:#f2f5f9;--floor:#1e2732;--line:#7d8b9c;--way:#86bcff;
--gone:#94a1b0;--onway:#10161e;--stop:#a9d0ff;--onstop:#06101c;--next:#ffb4ab;--start:#8fe3ab;--end:#ffb4ab;
--block:#ff9d94;
--z0:#465361;--z1:#2f648f;--z2:#5f4f9a;--z3:#8a5626;--z4:#8a4444;--z5:#2f7347;--z6:#75682a;--z7:#7d4373}}
.ow .paper{fill:var(--paper)}
.ow text{fill:var(--ink);font:500 22px system-ui,sans-serif;font-variant-numeric:tabular-nums}
.ow .m{text-anchor:middle}
.ow .s{paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.ow .t{font-weight:700}
.ow .floor{stroke:var(--floor);fill:none;stroke-linecap:square}
.ow .lift{stroke:var(--line);fill:none;stroke-width:2;stroke-dasharray:2 6}
.ow .oneway{stroke:var(--line);fill:none;stroke-width:2.5;stroke-linecap:round;stroke-linejoin:round}
.ow .block{stroke:var(--block);fill:none;stroke-width:2.5}
.ow .way,.ow .gone{fill:none;stroke-linejoin:round;stroke-linecap:round}
.ow .way{stroke:var(--way)}
.ow .gone{stroke:var(--gone);stroke-dasharray:1 9}
.ow .in{stroke-dasharray:9 7}
.ow .head{fill:var(--way);stroke:var(--onway);stroke-width:1.2;stroke-linejoin:round}
.ow .head.gone{fill:var(--gone);stroke-dasharray:none}
.ow .tie{stroke:var(--stop);stroke-width:2;fill:none}
.ow .dot{fill:var(--stop);stroke:var(--paper);stroke-width:1.5}
.ow .stop circle,.ow .stop rect{fill:var(--stop);stroke:var(--paper);stroke-width:2}
.ow .stop text{fill:var(--onstop);font-weight:700;text-anchor:middle;dominant-baseline:central}
.ow .done circle,.ow .done rect{fill:var(--paper);stroke:var(--gone)}
.ow .done text{fill:var(--ink);font-weight:500}
.ow .next circle,.ow .next rect{stroke:var(--next);stroke-width:5}
.ow .start{fill:var(--start)}.ow .end{fill:var(--end)}.ow .sign{fill:var(--paper)}
.ow .place{fill:var(--paper);stroke:var(--ink);stroke-width:2.5}
.ow .lead{stroke:var(--line);stroke-width:1.5;fill:none}
@media (min-width:640px){.ow text{font-size:15px}.ow .stop text{font-size:.72em}}
"""


def zone_tints() -> str:
    """The style of each zone's racks."""
    return "".join(
        f".ow .z{index}{{stroke:var(--z{index});fill:none}}.ow .k{index}{{fill:var(--z{index})}}"
        for index in range(NUM_ZONE_TINTS)
    )
