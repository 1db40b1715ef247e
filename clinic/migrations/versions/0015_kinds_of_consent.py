"""consent is of a kind: to the assistant, or to improving the detector

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="use", nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM consent WHERE kind <> 'use'")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_column("kind")
