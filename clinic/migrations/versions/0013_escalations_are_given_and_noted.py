"""escalations are given to somebody, noted about, and closed with a reason

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "escalation_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalation.id"], name=op.f("fk_escalation_note_escalation_id_escalation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_note")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("escalation_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_escalation_note_escalation_id"), ["escalation_id"], unique=False)
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assignee", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("assigned_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("outcome_why", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    # Whoever has acknowledged it has it.
    op.execute(
        "UPDATE escalation SET changed_at = coalesce(closed_at, acknowledged_at, created_at), "
        "assignee = CASE WHEN status = 'acknowledged' THEN acknowledged_by END, "
        "assigned_by = CASE WHEN status = 'acknowledged' THEN acknowledged_by END, "
        "assigned_at = CASE WHEN status = 'acknowledged' THEN acknowledged_at END"
    )
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.alter_column("changed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.create_index("ix_escalation_status_closed_at", ["status", "closed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("escalation", schema=None) as batch_op:
        batch_op.drop_index("ix_escalation_status_closed_at")
        batch_op.drop_column("changed_at")
        batch_op.drop_column("outcome_why")
        batch_op.drop_column("assigned_at")
        batch_op.drop_column("assigned_by")
        batch_op.drop_column("assignee")
    op.drop_table("escalation_note")
