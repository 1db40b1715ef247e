"""one conversation a person, joining that waits, and corrections of details

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patient_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_change_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_change")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("patient_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_change_patient_id"), ["patient_id"], unique=False)

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversation_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_conversation_merged_into_id_conversation"), "conversation", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("joining", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_again", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("joining", schema=None) as batch_op:
        batch_op.drop_column("asked_again")

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_conversation_merged_into_id_conversation"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_conversation_merged_into_id"))
        batch_op.drop_column("merged_into_id")

    with op.batch_alter_table("patient_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patient_change_patient_id"))

    op.drop_table("patient_change")
