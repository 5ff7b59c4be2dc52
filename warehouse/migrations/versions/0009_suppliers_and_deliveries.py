"""Suppliers, purchase orders and deliveries."""

# ruff: noqa: E501 - written by Alembic, long constraints and all

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "supplier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("inspect", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("link_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("code", name=op.f("uq_supplier_code")),
        sa.UniqueConstraint("link_sha256", name=op.f("uq_supplier_link_sha256")),
    )
    op.create_table(
        "purchase_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_purchase_order_site_id_site")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_purchase_order_supplier_id_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_purchase_order_site_id_number")),
    )
    op.create_index(op.f("ix_purchase_order_site_id_open"), "purchase_order", ["site_id", "open"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), server_default="house", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("slot_from_ms", sa.BigInteger(), nullable=True),
        sa.Column("slot_to_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("arrived_ms", sa.BigInteger(), nullable=True),
        sa.Column("pulled_ms", sa.BigInteger(), nullable=True),
        sa.Column("started_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('announced', 'arrived', 'unloading', 'closed', 'cancelled')",
            name=op.f("ck_delivery_state_known"),
        ),
        sa.CheckConstraint("(slot_from_ms IS NULL) = (slot_to_ms IS NULL)", name=op.f("ck_delivery_slot_whole")),
        sa.CheckConstraint("slot_to_ms > slot_from_ms", name=op.f("ck_delivery_slot_forward")),
        sa.ForeignKeyConstraint(["owner"], ["owner.code"], name=op.f("fk_delivery_owner_owner")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_delivery_site_id_site")),
        sa.ForeignKeyConstraint(["station_id"], ["place.id"], name=op.f("fk_delivery_station_id_place")),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"], name=op.f("fk_delivery_supplier_id_supplier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("site_id", "number", name=op.f("uq_delivery_site_id_number")),
    )
    op.create_index(op.f("ix_delivery_site_id_state"), "delivery", ["site_id", "state"], unique=False)
    op.create_index(op.f("ix_delivery_supplier_id"), "delivery", ["supplier_id"], unique=False)
    op.create_table(
        "purchase_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "purchase_order_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("closed_short", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "closed_short IS NULL OR closed_short IN ('not-loaded', 'lost-on-the-way', 'refused', 'announced-wrongly', 'cancelled')",
            name=op.f("ck_purchase_line_closed_short_known"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_purchase_line_quantity_positive")),
        sa.CheckConstraint("received >= 0", name=op.f("ck_purchase_line_received_not_negative")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_purchase_line_product_id_product")),
        sa.ForeignKeyConstraint(
            ["purchase_order_id"], ["purchase_order.id"], name=op.f("fk_purchase_line_purchase_order_id_purchase_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_line")),
        sa.UniqueConstraint(
            "purchase_order_id", "product_id", name=op.f("uq_purchase_line_purchase_order_id_product_id")
        ),
    )
    op.create_table(
        "delivery_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "purchase_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("closed_short", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "closed_short IS NULL OR closed_short IN ('not-loaded', 'lost-on-the-way', 'refused', 'announced-wrongly', 'cancelled')",
            name=op.f("ck_delivery_line_closed_short_known"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_delivery_line_quantity_positive")),
        sa.CheckConstraint("received >= 0", name=op.f("ck_delivery_line_received_not_negative")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_line_delivery_id_delivery")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_delivery_line_product_id_product")),
        sa.ForeignKeyConstraint(
            ["purchase_line_id"], ["purchase_line.id"], name=op.f("fk_delivery_line_purchase_line_id_purchase_line")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_line")),
    )
    op.create_index(
        op.f("ix_delivery_line_delivery_id_product_id"), "delivery_line", ["delivery_id", "product_id"], unique=False
    )
    op.create_index(op.f("ix_delivery_line_purchase_line_id"), "delivery_line", ["purchase_line_id"], unique=False)
    op.create_table(
        "queue_jump",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("num_passed", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_queue_jump_reason_given")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_queue_jump_delivery_id_delivery")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_jump")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_queue_jump_delivery_id"), "queue_jump", ["delivery_id"], unique=False)
    op.create_table(
        "unknown_arrival",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("photo", sa.String(length=64), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True
        ),
        sa.Column("noted_by", sa.String(length=64), nullable=False),
        sa.Column("noted_ms", sa.BigInteger(), nullable=False),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.Column("resolved_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(resolution = 'open') = (resolved_by IS NULL)", name=op.f("ck_unknown_arrival_resolved_by_somebody")
        ),
        sa.CheckConstraint(
            "(resolution = 'taken') = (product_id IS NOT NULL)", name=op.f("ck_unknown_arrival_taken_as_a_product")
        ),
        sa.CheckConstraint(
            "resolution IN ('open', 'taken', 'refused')", name=op.f("ck_unknown_arrival_resolution_known")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_unknown_arrival_quantity_positive")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_unknown_arrival_delivery_id_delivery")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_unknown_arrival_product_id_product")),
        sa.ForeignKeyConstraint(["station_id"], ["place.id"], name=op.f("fk_unknown_arrival_station_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unknown_arrival")),
    )
    op.create_index(op.f("ix_unknown_arrival_delivery_id"), "unknown_arrival", ["delivery_id"], unique=False)
    op.create_index(
        op.f("ix_unknown_arrival_station_id_resolution"), "unknown_arrival", ["station_id", "resolution"], unique=False
    )
    op.create_table(
        "received",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("wrapped", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("decision IN ('none', 'accept', 'hold', 'refuse')", name=op.f("ck_received_decision_known")),
        sa.CheckConstraint(
            "status IS NULL OR status IN ('available', 'hold', 'quarantined', 'damaged', 'expired', 'recalled')",
            name=op.f("ck_received_status_known"),
        ),
        sa.CheckConstraint("(lot_id IS NULL) = (status IS NULL)", name=op.f("ck_received_taken_as_a_lot")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_received_quantity_positive")),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_received_delivery_id_delivery")),
        sa.ForeignKeyConstraint(["line_id"], ["delivery_line.id"], name=op.f("fk_received_line_id_delivery_line")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_received_lot_id_lot")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_received_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_received_delivery_id_product_id"), "received", ["delivery_id", "product_id"], unique=False)
    op.create_index(op.f("ix_received_lot_id"), "received", ["lot_id"], unique=False)
    op.create_index(op.f("ix_received_product_id_serial"), "received", ["product_id", "serial"], unique=False)
