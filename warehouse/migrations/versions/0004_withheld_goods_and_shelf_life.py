"""Withheld goods and shelf life."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the tables one step on."""
    _know_withheld_places()
    op.create_table(
        "stock_policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("set_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_policy_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_policy")),
        sa.UniqueConstraint("site_id", "version", name=op.f("uq_stock_policy_site_id_version")),
        info={"append_only": True},
    )
    op.create_table(
        "lot_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("expires_before", sa.Date(), nullable=True),
        sa.Column("expires_after", sa.Date(), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_change_lot_id_lot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_change")),
        info={"append_only": True},
    )
    op.create_table(
        "recall",
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("cause", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("called_by", sa.String(length=64), nullable=False),
        sa.Column("called_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_recall_lot_id_lot")),
        sa.PrimaryKeyConstraint("lot_id", name=op.f("pk_recall")),
    )
    op.create_table(
        "shelf_life_alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("level_days", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("raised_ms", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_by IS NULL) = (acknowledged_ms IS NULL)",
            name=op.f("ck_shelf_life_alert_acknowledged_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_shelf_life_alert_lot_id_lot")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_shelf_life_alert_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelf_life_alert")),
        sa.UniqueConstraint(
            "site_id", "lot_id", "level_days", name=op.f("uq_shelf_life_alert_site_id_lot_id_level_days")
        ),
    )
    op.create_index(
        op.f("ix_shelf_life_alert_site_id_acknowledged_ms"),
        "shelf_life_alert",
        ["site_id", "acknowledged_ms"],
        unique=False,
    )
    op.create_table(
        "withheld_place",
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "within_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint("status <> 'available'", name=op.f("ck_withheld_place_status_withholds")),
        sa.CheckConstraint(
            "status IN ('available', 'hold', 'quarantined', 'damaged', 'expired', 'recalled')",
            name=op.f("ck_withheld_place_status_known"),
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_withheld_place_place_id_place")),
        sa.ForeignKeyConstraint(["within_id"], ["place.id"], name=op.f("fk_withheld_place_within_id_place")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_withheld_place")),
        sa.UniqueConstraint("within_id", "status", name=op.f("uq_withheld_place_within_id_status")),
    )
    op.create_index(op.f("ix_lot_code"), "lot", ["code"], unique=False)
    op.add_column("movement", sa.Column("cause", sa.String(length=64), server_default="", nullable=False))
    op.add_column("product", sa.Column("category", sa.String(length=64), server_default="", nullable=False))
    op.add_column("product", sa.Column("value_cents", sa.BigInteger(), server_default="0", nullable=False))


def _know_withheld_places() -> None:
    """Places may be of the kind `withheld`. SQLite's copy of the table has only the CHECK that is given to it."""
    kinds = ["bin", "tote", "station", "person", "lost", "damaged", "supplier", "customer", "adjustment", "withheld"]
    known = f"kind IN ({', '.join(map(repr, kinds))})"
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table("place", recreate="always") as place:
            place.create_check_constraint(op.f("ck_place_kind_known"), known)
    else:
        op.drop_constraint(op.f("ck_place_kind_known"), "place", type_="check")
        op.create_check_constraint(op.f("ck_place_kind_known"), "place", known)
