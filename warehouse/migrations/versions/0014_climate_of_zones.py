"""Climate of zones."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Bring the tables one step on."""
    op.create_table(
        "climate_reading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("temperature_dc", sa.Integer(), nullable=False),
        sa.Column("humidity_percent", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.CheckConstraint("humidity_percent BETWEEN 0 AND 100", name=op.f("ck_climate_reading_humidity_is_a_share")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_climate_reading_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_climate_reading")),
    )
    op.create_index(
        op.f("ix_climate_reading_site_id_zone_at_ms"), "climate_reading", ["site_id", "zone", "at_ms"], unique=False
    )
    op.create_table(
        "excursion",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.String(length=100), nullable=False),
        sa.Column("coldest_dc", sa.Integer(), nullable=False),
        sa.Column("warmest_dc", sa.Integer(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=64), nullable=True),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(acknowledged_by IS NULL) = (acknowledged_ms IS NULL)", name=op.f("ck_excursion_acknowledged_by_somebody")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_excursion_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excursion")),
    )
    op.create_index(
        op.f("ix_excursion_site_id_zone_ended_ms"), "excursion", ["site_id", "zone", "ended_ms"], unique=False
    )
    op.create_table(
        "excursion_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column(
            "excursion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["excursion_id"], ["excursion.id"], name=op.f("fk_excursion_lot_excursion_id_excursion")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_excursion_lot_lot_id_lot")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_excursion_lot_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excursion_lot")),
    )
    op.create_index(op.f("ix_excursion_lot_lot_id"), "excursion_lot", ["lot_id"], unique=False)
