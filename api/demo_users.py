"""The users of a demo warehouse. Their secrets are in this file, so they are for trying things out only."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from api.auth import hashed
from api.serving import Serving
from api.tables import Role, UserRow
from api.users import SaveUser, save_user
from inventory.work.caging import SetCageRight, set_cage_right
from warehouse.database import Database


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user with a badge and PIN, or with a password."""

    name: str
    role: Role
    badge: str | None
    secret: str

    def __str__(self) -> str:
        if self.badge is not None:
            return f"{self.role.value:8} badge {self.badge}   PIN {self.secret}"
        return f"{self.role.value:8} name {self.name}   password {self.secret}"


DEMO_USERS = (
    DemoUser("anna", Role.PICKER, "PICKER-1", "1379"),
    DemoUser("bruno", Role.PICKER, "PICKER-2", "2468"),
    DemoUser("carla", Role.PICKER, "PICKER-3", "9517"),
    DemoUser("demo-manager", Role.MANAGER, None, "manager-demo"),
    DemoUser("dora", Role.MANAGER, "MANAGER-1", "8642"),
    DemoUser("demo-planner", Role.PLANNER, None, "planner-demo"),
    DemoUser("demo-admin", Role.ADMIN, None, "admin-demo"),
)

CAGE_KEEPERS = ("anna", "bruno", "demo-manager")
"""Who may open the cage: two pickers, since what lies in it is counted by two."""


def save_demo_users(serving: Serving) -> None:
    """Make the demo users, if the database has no users at all."""
    with serving.database.read() as session:
        if session.execute(select(func.count()).select_from(UserRow)).scalar_one():
            return
    for user in DEMO_USERS:
        digest = hashed(user.secret)
        by_badge = user.badge is not None
        command = SaveUser(
            name=user.name,
            display_name=user.name.removeprefix("demo-").capitalize(),
            role=user.role,
            badge=user.badge,
            pin_hash=digest if by_badge else None,
            password_hash=None if by_badge else digest,
        )
        serving.run(save_user, command)
    for name in CAGE_KEEPERS:
        serving.run(set_cage_right, SetCageRight(name, may_open=True, user="demo-admin"))


def demo_sign_ins(database: Database) -> list[str]:
    """How to sign in as each demo user that is there and open, one line each."""
    with database.read() as session:
        names = set(session.execute(select(col(UserRow.name)).where(col(UserRow.open))).scalars())
    return [str(user) for user in DEMO_USERS if user.name in names]
