"""escalations climb

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("climbing_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("steps_taken", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("next_look_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_escalation_status_next_look_at", ["status", "next_look_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.drop_index("ix_escalation_status_next_look_at")
        batch_op.drop_column("reopened_at")
        batch_op.drop_column("next_look_at")
        batch_op.drop_column("steps_taken")
        batch_op.drop_column("climbing_since")
