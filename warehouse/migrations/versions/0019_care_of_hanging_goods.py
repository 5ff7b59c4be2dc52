"""Care of hanging goods."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "care_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("ahead", sa.String(), nullable=False),
        sa.Column("because", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taker", sa.String(length=64), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.String(length=64), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=True),
        sa.Column("hung_ms", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(state = 'done') = (finding IS NOT NULL)", name=op.f("ck_care_task_done_with_a_finding")),
        sa.CheckConstraint("finding IS NULL OR finding IN ('good', 'unfit')", name=op.f("ck_care_task_finding_known")),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'hanging', 'done', 'dropped')", name=op.f("ck_care_task_state_known")
        ),
        sa.CheckConstraint("step IN ('inspection', 'repair', 'drying')", name=op.f("ck_care_task_step_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_care_task_quantity_positive")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_care_task_lot_id_lot")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_care_task_place_id_place")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_care_task_product_id_product")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_care_task_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_task")),
    )
    op.create_index(op.f("ix_care_task_lot_id"), "care_task", ["lot_id"], unique=False)
    op.create_index(
        op.f("ix_care_task_site_id_state_until_ms"), "care_task", ["site_id", "state", "until_ms"], unique=False
    )
    op.create_index(op.f("ix_care_task_taker_state"), "care_task", ["taker", "state"], unique=False)
