"""Counts and audits."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("checks_daily", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("confidence > 0 AND confidence < 1", name=op.f("ck_audit_confidence_between")),
        sa.CheckConstraint("days > 0 AND checks_daily > 0", name=op.f("ck_audit_checks_something")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_audit_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_site_id"), "audit", ["site_id"], unique=False)
    op.create_table(
        "count_policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("effective_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_count_policy_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_policy")),
    )
    op.create_index(
        op.f("ix_count_policy_site_id_effective_ms"), "count_policy", ["site_id", "effective_ms"], unique=False
    )
    op.create_table(
        "audit_draw",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("drawn_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_draw_audit_id_audit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_draw")),
        sa.UniqueConstraint("audit_id", "number", name=op.f("uq_audit_draw_audit_id_number")),
    )
    op.create_table(
        "stock_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("way_mm", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state <> 'counting' OR counter IS NOT NULL", name=op.f("ck_stock_count_counted_by_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('due', 'counting', 'recount', 'approval', 'done')", name=op.f("ck_stock_count_state_known")
        ),
        sa.CheckConstraint(
            "trigger IN ('audit', 'exception', 'zero', 'low', 'cycle', 'age', 'request')",
            name=op.f("ck_stock_count_trigger_known"),
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_stock_count_place_id_place")),
        sa.ForeignKeyConstraint(["run_id"], ["pick_run.id"], name=op.f("fk_stock_count_run_id_pick_run")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_count_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
    )
    op.create_index(op.f("ix_stock_count_place_id"), "stock_count", ["place_id"], unique=False)
    op.create_index(op.f("ix_stock_count_run_id"), "stock_count", ["run_id"], unique=False)
    op.create_index(op.f("ix_stock_count_site_id_state"), "stock_count", ["site_id", "state"], unique=False)
    op.create_table(
        "audit_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("draw_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("movement_mark", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("checked_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'right', 'wrong')", name=op.f("ck_audit_item_state_known")),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_audit_item_count_id_stock_count")),
        sa.ForeignKeyConstraint(["draw_id"], ["audit_draw.id"], name=op.f("fk_audit_item_draw_id_audit_draw")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_audit_item_lot_id_lot")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_audit_item_place_id_place")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_audit_item_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_item")),
    )
    op.create_index(op.f("ix_audit_item_draw_id_state"), "audit_item", ["draw_id", "state"], unique=False)
    op.create_index(op.f("ix_audit_item_place_id_state"), "audit_item", ["place_id", "state"], unique=False)
    op.create_table(
        "count_visit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counter", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("movement_mark", sa.BigInteger(), nullable=False),
        sa.Column("void", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.id"], name=op.f("fk_count_visit_count_id_stock_count")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_visit")),
        sa.UniqueConstraint("count_id", "number", name=op.f("uq_count_visit_count_id_number")),
    )
    op.create_table(
        "count_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "visit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("scanned", sa.String(length=100), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("movement_mark", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("product_id IS NOT NULL OR scanned <> ''", name=op.f("ck_count_line_known_or_scanned")),
        sa.CheckConstraint("(product_id IS NULL) = (lot_id IS NULL)", name=op.f("ck_count_line_lot_of_product")),
        sa.CheckConstraint("quantity >= 0 AND expected >= 0", name=op.f("ck_count_line_quantities_not_negative")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_count_line_lot_id_lot")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_count_line_product_id_product")),
        sa.ForeignKeyConstraint(["visit_id"], ["count_visit.id"], name=op.f("fk_count_line_visit_id_count_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_line")),
        sa.UniqueConstraint("visit_id", "product_id", "lot_id", name=op.f("uq_count_line_visit_id_product_id_lot_id")),
    )
    op.create_table(
        "count_difference",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "count_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("difference", sa.Integer(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=True),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("found_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=True),
        sa.Column("quantity_adjusted", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "approver IN ('counter', 'manager', 'admin')", name=op.f("ck_count_difference_approver_known")
        ),
        sa.CheckConstraint(
            "cause IN ('mispick', 'misstow', 'receiving', 'theft', 'damage', 'unit', 'label', 'system', 'unknown')",
            name=op.f("ck_count_difference_cause_known"),
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR decided_by IS NOT NULL", name=op.f("ck_count_difference_approved_by_somebody")
        ),
        sa.CheckConstraint("state IN ('open', 'approved', 'rejected')", name=op.f("ck_count_difference_state_known")),
        sa.CheckConstraint("difference <> 0", name=op.f("ck_count_difference_differs")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_count.id"], name=op.f("fk_count_difference_count_id_stock_count")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["count_line.id"], name=op.f("fk_count_difference_line_id_count_line")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_count_difference_lot_id_lot")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_count_difference_product_id_product")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_count_difference_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_count_difference")),
    )
    op.create_index(op.f("ix_count_difference_count_id"), "count_difference", ["count_id"], unique=False)
    op.create_index(op.f("ix_count_difference_site_id_state"), "count_difference", ["site_id", "state"], unique=False)
