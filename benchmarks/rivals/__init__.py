"""Other ways to plan a pick run: the rules of the trade and general routing libraries."""
