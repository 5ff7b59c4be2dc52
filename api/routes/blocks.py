"""Floor that pickers found blocked: seen and lifted."""

from fastapi import APIRouter

from api.access import GuardedRoute, Who
from api.errors import responses
from api.serving import ServingNow
from api.wire import ActionBody, SiteCode
from inventory.work.blocking import BlockLifted, BlockView, LiftBlock, blocks_now, lift_block
from warehouse.errors import AlreadyAnswered, NotFound, WrongState

router = APIRouter(prefix="/api/v1", tags=["blocks"], route_class=GuardedRoute)


@router.get("/sites/{site}/blocks", responses=responses(NotFound))
def get_blocks(site: SiteCode, serving: ServingNow) -> tuple[BlockView, ...]:
    """The floor of a site that is blocked now; plans go round it."""
    with serving.database.read() as session:
        return blocks_now(session, site, serving.clock)


@router.post("/sites/{site}/blocks/{block}/lift", responses=responses(NotFound, WrongState, AlreadyAnswered))
def post_lift(site: SiteCode, block: int, body: ActionBody, who: Who, serving: ServingNow) -> BlockLifted:
    """Let floor be walked again; goods behind it that wait can be released."""
    return serving.run(lift_block, LiftBlock(site, block, who.user, body.client_id))
