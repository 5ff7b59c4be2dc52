"""Sizes for products whose file tells none, drawn from the sizes of real products.

The draw is by product code: a code gets the same size in every run, on every machine and however many
other products there are. Only small articles are drawn from (up to 1 litre), and none denser than
lead, since such a row is a mistake in the source.
"""

import hashlib
from collections.abc import Iterable

from inventory.importing.products import UnitSize

DRAWN_VOLUME_MAX_MM3 = 1_000_000  # 1 litre: small gift articles
DENSITY_MAX_G_PER_L = 11_340  # lead; what claims more is an error of the file

RULE = "sizes of real products of up to 1 l, none denser than lead, drawn by SHA-256 of the product code"


class DrawnSizes:
    """Draws from `sizes` those that are small and possible; in the order given.

    Raises
    ------
    ValueError
        If no size is left to draw from.
    """

    def __init__(self, sizes: Iterable[UnitSize]) -> None:
        self.sizes = tuple(
            size
            for size in sizes
            if size.volume_mm3 <= DRAWN_VOLUME_MAX_MM3
            and size.weight_g * 1_000_000 <= DENSITY_MAX_G_PER_L * size.volume_mm3
        )
        if not self.sizes:
            raise ValueError("there is no product of up to 1 litre to draw sizes from")

    def __call__(self, code: str) -> UnitSize:
        """The size of the product of this code."""
        digest = hashlib.sha256(code.encode()).digest()
        return self.sizes[int.from_bytes(digest[:8], "big") % len(self.sizes)]
