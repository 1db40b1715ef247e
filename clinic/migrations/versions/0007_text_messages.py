"""text messages

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_contact",
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("welcomed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_sms_contact_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("number_index", name=op.f("pk_sms_contact")),
    )
    with op.batch_alter_table("sms_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sms_contact_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "sms_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=True),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider_message_id", sa.String(length=64), nullable=True),
        sa.Column("error_code", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sms_delivery_message_id_message")),
        sa.ForeignKeyConstraint(
            ["number_index"], ["sms_contact.number_index"], name=op.f("fk_sms_delivery_number_index_sms_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_delivery")),
        sa.UniqueConstraint("message_id", "part", name=op.f("uq_sms_delivery_message_id_part")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sms_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sms_delivery_number_index"), ["number_index"], unique=False)
        batch_op.create_index("ix_sms_delivery_provider_message_id", ["provider_message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sms_delivery_status"), ["status"], unique=False)

    op.create_table(
        "sms_inbound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=16), nullable=False),
        sa.Column("provider_message_id", sa.String(length=64), nullable=False),
        sa.Column("number_index", sa.String(length=64), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_sms_inbound_message_id_message")),
        sa.ForeignKeyConstraint(
            ["number_index"], ["sms_contact.number_index"], name=op.f("fk_sms_inbound_number_index_sms_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_inbound")),
        sa.UniqueConstraint(
            "provider", "provider_message_id", name=op.f("uq_sms_inbound_provider_provider_message_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sms_inbound", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sms_inbound_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sms_inbound_number_index"), ["number_index"], unique=False)
        batch_op.create_index("ix_sms_inbound_processed_at_id", ["processed_at", "id"], unique=False)

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=16), server_default="web", nullable=False))
    op.execute("UPDATE message SET channel = (SELECT channel FROM conversation WHERE id = message.conversation_id)")


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("channel")

    with op.batch_alter_table("sms_inbound", schema=None) as batch_op:
        batch_op.drop_index("ix_sms_inbound_processed_at_id")
        batch_op.drop_index(batch_op.f("ix_sms_inbound_number_index"))
        batch_op.drop_index(batch_op.f("ix_sms_inbound_message_id"))

    op.drop_table("sms_inbound")
    with op.batch_alter_table("sms_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sms_delivery_status"))
        batch_op.drop_index("ix_sms_delivery_provider_message_id")
        batch_op.drop_index(batch_op.f("ix_sms_delivery_number_index"))

    op.drop_table("sms_delivery")
    with op.batch_alter_table("sms_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sms_contact_conversation_id"))

    op.drop_table("sms_contact")
