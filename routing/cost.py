"""What a walk costs: one whole number, in the order of the policy at hand; smaller is better."""

from typing import Final

NEVER: Final = 1 << 62
"""Above the cost of any walk, and never added to. Compiled functions take it as a constant."""
