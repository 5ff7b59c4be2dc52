"""Whether the stock on the books follows from the ledger."""

from fastapi import APIRouter

from api.access import GuardedRoute
from api.serving import ServingNow
from inventory.work.checking import CheckReport, check

router = APIRouter(prefix="/api/v1", tags=["ledger"], route_class=GuardedRoute)


@router.get("/check")
def get_check(serving: ServingNow) -> CheckReport:
    """Recompute all balances from the movements, and name every one that differs."""
    with serving.database.read() as session:
        return check(session)
