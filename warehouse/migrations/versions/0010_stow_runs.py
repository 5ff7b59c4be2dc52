"""Stow runs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "stow_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "from_place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stower", sa.String(length=64), nullable=False),
        sa.Column("distance_mm", sa.BigInteger(), nullable=False),
        sa.Column("backtrack_mm", sa.BigInteger(), nullable=False),
        sa.Column("backtrack_bound_mm", sa.BigInteger(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'left')", name=op.f("ck_stow_run_state_known")),
        sa.ForeignKeyConstraint(["from_place_id"], ["place.id"], name=op.f("fk_stow_run_from_place_id_place")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stow_run_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stow_run")),
    )
    op.create_index(op.f("ix_stow_run_site_id_state"), "stow_run", ["site_id", "state"], unique=False)
    op.create_table(
        "stow_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why_left", sa.String(length=200), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'done', 'left')", name=op.f("ck_stow_step_state_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stow_step_quantity_positive")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stow_step_lot_id_lot")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_stow_step_place_id_place")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stow_step_product_id_product")),
        sa.ForeignKeyConstraint(["run_id"], ["stow_run.id"], name=op.f("fk_stow_step_run_id_stow_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stow_step")),
        sa.UniqueConstraint("run_id", "sequence", name=op.f("uq_stow_step_run_id_sequence")),
    )
    op.create_index(op.f("ix_stow_step_place_id_state"), "stow_step", ["place_id", "state"], unique=False)
