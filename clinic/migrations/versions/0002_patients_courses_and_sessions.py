"""patients, courses and sessions

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "patient",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("given_name", sa.LargeBinary(), nullable=False),
        sa.Column("family_name", sa.LargeBinary(), nullable=True),
        sa.Column("born_on", sa.LargeBinary(), nullable=True),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("reference_index", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=True),
        sa.Column("preferred_channel", sa.String(length=8), nullable=False),
        sa.Column("contact_from_hour", sa.Integer(), nullable=False),
        sa.Column("contact_until_hour", sa.Integer(), nullable=False),
        sa.Column("reminder_hour", sa.Integer(), nullable=True),
        sa.Column("is_phone_shared", sa.Boolean(), nullable=True),
        sa.Column("safe_contact", sa.LargeBinary(), nullable=True),
        sa.Column("wants_weekly_topic", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["staff_account.id"], name=op.f("fk_patient_therapist_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("reference_index", name=op.f("uq_patient_reference_index")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_status"), ["status"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_therapist_id"), ["therapist_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_patient_id"), ["patient_id"], unique=False)

    op.create_table(
        "contact_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=8), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("value_index", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_contact_point_patient_id_patient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_point_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index("ix_contact_point_system_value_index", ["system", "value_index"], unique=False)

    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.String(length=32), nullable=False),
        sa.Column("therapist_id", sa.Integer(), nullable=True),
        sa.Column("planned_sessions", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_course_patient_id_patient")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["staff_account.id"], name=op.f("fk_course_therapist_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_therapist_id"), ["therapist_id"], unique=False)

    op.create_table(
        "course_break",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_break_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_break")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("course_break", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_break_course_id"), ["course_id"], unique=False)

    op.create_table(
        "therapy_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_therapy_session_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_session")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_therapy_session_course_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("therapy_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_therapy_session_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_therapy_session_starts_at"), ["starts_at"], unique=False)

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("patient_id", sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f("ix_conversation_patient_id"), ["patient_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_conversation_patient_id_patient"), "patient", ["patient_id"], ["id"])

    with op.batch_alter_table("questionnaire_response", schema=None) as batch_op:
        batch_op.add_column(sa.Column("patient_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("session_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_questionnaire_response_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_questionnaire_response_session_id"), ["session_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_questionnaire_response_session_id_therapy_session"),
            "therapy_session",
            ["session_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_questionnaire_response_patient_id_patient"), "patient", ["patient_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("questionnaire_response", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_questionnaire_response_patient_id_patient"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_questionnaire_response_session_id_therapy_session"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_questionnaire_response_session_id"))
        batch_op.drop_index(batch_op.f("ix_questionnaire_response_patient_id"))
        batch_op.drop_column("session_id")
        batch_op.drop_column("patient_id")

    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_conversation_patient_id_patient"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_conversation_patient_id"))
        batch_op.drop_column("patient_id")

    with op.batch_alter_table("therapy_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_therapy_session_starts_at"))
        batch_op.drop_index(batch_op.f("ix_therapy_session_course_id"))

    op.drop_table("therapy_session")
    with op.batch_alter_table("course_break", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_break_course_id"))

    op.drop_table("course_break")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_therapist_id"))
        batch_op.drop_index(batch_op.f("ix_course_patient_id"))

    op.drop_table("course")
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_point_system_value_index")
        batch_op.drop_index(batch_op.f("ix_contact_point_patient_id"))

    op.drop_table("contact_point")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_patient_id"))

    op.drop_table("consent")
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patient_therapist_id"))
        batch_op.drop_index(batch_op.f("ix_patient_status"))

    op.drop_table("patient")
