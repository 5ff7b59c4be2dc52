"""The deciding floor: what lies where, what must move, and the ledger that proves it."""
