"""reminders of sessions

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("session_on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_session_reminder_message_id_message")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["therapy_session.id"], name=op.f("fk_session_reminder_session_id_therapy_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_reminder")),
        sa.UniqueConstraint(
            "session_id", "session_on", "what", name=op.f("uq_session_reminder_session_id_session_on_what")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("session_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_reminder_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("session_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_reminder_session_id"))

    op.drop_table("session_reminder")
