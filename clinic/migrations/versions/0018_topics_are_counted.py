"""an index for counting topics

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_LEAFLET = sa.text("kind = 'leaflet'")


def upgrade() -> None:
    op.create_index("ix_message_leaflet_at", "message", ["at"], sqlite_where=_LEAFLET, postgresql_where=_LEAFLET)


def downgrade() -> None:
    op.drop_index("ix_message_leaflet_at", table_name="message")
