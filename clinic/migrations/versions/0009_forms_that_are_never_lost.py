"""forms that are never lost: items left out, one current answer an item, where the person went back to

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("questionnaire_response", schema=None) as batch_op:
        batch_op.add_column(sa.Column("read_message_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("returned_to_item", sa.Integer(), nullable=True))
    with op.batch_alter_table("questionnaire_answer", schema=None) as batch_op:
        batch_op.alter_column("value", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.drop_constraint(batch_op.f("uq_questionnaire_answer_response_id_message_id"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_questionnaire_answer_response_id_message_id_item"), ["response_id", "message_id", "item"]
        )
        batch_op.create_index(
            "ix_questionnaire_answer_current",
            ["response_id", "item"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("questionnaire_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_questionnaire_answer_current")
        batch_op.drop_constraint(batch_op.f("uq_questionnaire_answer_response_id_message_id_item"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_questionnaire_answer_response_id_message_id"), ["response_id", "message_id"]
        )
        # Items left out have no value; the older table knows no such rows.
        batch_op.execute("DELETE FROM questionnaire_answer WHERE value IS NULL")
        batch_op.alter_column("value", existing_type=sa.LargeBinary(), nullable=False)
    with op.batch_alter_table("questionnaire_response", schema=None) as batch_op:
        batch_op.drop_column("returned_to_item")
        batch_op.drop_column("read_message_id")
