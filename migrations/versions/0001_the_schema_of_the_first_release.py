"""The schema of the first release.

Follows: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("name", name=op.f("uq_audience_name")),
    )

    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_catalogue_version_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
    )

    op.create_table(
        "known_layout",
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("headings", name=op.f("pk_known_layout")),
    )

    op.create_table(
        "mailbox_position",
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_position")),
    )

    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("official_name", sa.String(length=300), nullable=False),
        sa.Column("country_code", sa.String(length=2), nullable=False),
        sa.Column("region", sa.String(length=100), nullable=False),
        sa.Column("timezone", sa.String(length=100), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_member_latitude_on_earth")),
        sa.CheckConstraint(
            "length(country_code) = 2 AND country_code = upper(country_code)",
            name=op.f("ck_member_country_is_iso_3166"),
        ),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_member_longitude_on_earth")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_member_not_merged_into_itself")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["member.id"], name=op.f("fk_member_merged_into_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("key", name=op.f("uq_member_key")),
    )
    op.create_index(op.f("ix_member_merged_into_id"), "member", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_member_region"), "member", ["region"], unique=False)
    op.create_index(
        "uq_member_name",
        "member",
        ["name"],
        unique=True,
        sqlite_where=sa.text("merged_into_id IS NULL"),
        postgresql_where=sa.text("merged_into_id IS NULL"),
    )

    op.create_table(
        "newsletter_request",
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_newsletter_request")),
    )
    op.create_index(op.f("ix_newsletter_request_asked_at"), "newsletter_request", ["asked_at"], unique=False)

    op.create_table(
        "people_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_list")),
        sa.UniqueConstraint("name", name=op.f("uq_people_list_name")),
        sqlite_autoincrement=True,
    )

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("timezone", sa.String(length=100), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_person_email_is_lower_case")),
        sa.CheckConstraint("erased_at IS NULL OR email IS NULL", name=op.f("ck_person_the_erased_have_no_address")),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_person_not_merged_into_itself")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["person.id"], name=op.f("fk_person_merged_into_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_index(op.f("ix_person_erase_after"), "person", ["erase_after"], unique=False)
    op.create_index(op.f("ix_person_merged_into_id"), "person", ["merged_into_id"], unique=False)

    op.create_table(
        "rate_limit",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_limit")),
    )
    op.create_index(op.f("ix_rate_limit_ends_at"), "rate_limit", ["ends_at"], unique=False)

    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )

    op.create_table(
        "staff_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column(
            "role",
            sa.Enum("admin", "organiser", "viewer", name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("session_key", sa.String(length=43), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_account_email_is_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_account")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_account_email")),
        sa.UniqueConstraint("session_key", name=op.f("uq_staff_account_session_key")),
    )

    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name=op.f("ck_stored_file_pictures_have_both_sides")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_stored_file_digest_is_sha256")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("digest", name=op.f("uq_stored_file_digest")),
    )

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_audit_entry_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_account_id"), "audit_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index("ix_audit_entry_subject_at", "audit_entry", ["subject", "at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("notice", "newsletter", name="purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("text_version", sa.String(length=100), nullable=False),
        sa.Column("text_language", sa.String(length=8), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_erase_after"), "consent", ["erase_after"], unique=False)
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_index(
        "uq_consent_one_valid",
        "consent",
        ["person_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )

    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("is_focal_point", sa.Boolean(), nullable=False),
        sa.Column("wants_invitations", sa.Boolean(), nullable=False),
        sa.Column("wants_reminders", sa.Boolean(), nullable=False),
        sa.Column("wants_newsletter", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "consent",
                "public_task",
                "legitimate_interest",
                name="legalbasis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("obtained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("folded", sa.String(length=600), nullable=False),
        sa.Column("folded_role", sa.String(length=600), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "member_id IS NOT NULL OR NOT is_focal_point", name=op.f("ck_contact_a_focal_point_is_of_a_member")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_contact_member_id_member")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("person_id", name=op.f("uq_contact_person_id")),
    )
    op.create_index(op.f("ix_contact_erase_after"), "contact", ["erase_after"], unique=False)
    op.create_index("ix_contact_folded_id", "contact", ["folded", "id"], unique=False)
    op.create_index(op.f("ix_contact_language"), "contact", ["language"], unique=False)
    op.create_index("ix_contact_member_focal_point", "contact", ["member_id", "is_focal_point"], unique=False)

    op.create_table(
        "contact_file",
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column(
            "basis",
            sa.Enum(
                "consent",
                "public_task",
                "legitimate_interest",
                name="legalbasis",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_contact_file_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_contact_file")),
    )
    op.create_index(op.f("ix_contact_file_account_id"), "contact_file", ["account_id"], unique=False)
    op.create_index(op.f("ix_contact_file_brought_at"), "contact_file", ["brought_at"], unique=False)

    op.create_table(
        "known_identity",
        sa.Column("known_by", sa.String(length=300), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_known_identity_person_id_person")),
        sa.PrimaryKeyConstraint("known_by", name=op.f("pk_known_identity")),
    )
    op.create_index(op.f("ix_known_identity_erase_after"), "known_identity", ["erase_after"], unique=False)
    op.create_index(op.f("ix_known_identity_person_id"), "known_identity", ["person_id"], unique=False)

    op.create_table(
        "listed_person",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["people_list.id"], name=op.f("fk_listed_person_list_id_people_list"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_listed_person_person_id_person")),
        sa.PrimaryKeyConstraint("list_id", "person_id", name=op.f("pk_listed_person")),
    )
    op.create_index(op.f("ix_listed_person_person_id"), "listed_person", ["person_id"], unique=False)

    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitation",
                "reminder",
                "information",
                "thanks",
                "missed",
                "newsletter",
                name="mailingkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "confirmed",
                "paused",
                "stopped",
                name="mailingstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("others_language", sa.String(length=8), nullable=True),
        sa.Column("leaves_others_out", sa.Boolean(), nullable=False),
        sa.Column("with_entry", sa.Boolean(), nullable=False),
        sa.Column("yes_registers", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_zone", sa.String(length=100), nullable=True),
        sa.Column("local_day", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (confirmed_at IS NULL)", name=op.f("ck_mailing_confirmed_has_its_time")
        ),
        sa.CheckConstraint(
            "others_language IS NULL OR NOT leaves_others_out", name=op.f("ck_mailing_others_get_it_or_not")
        ),
        sa.CheckConstraint("starts_at IS NOT NULL OR starts_zone IS NULL", name=op.f("ck_mailing_a_zone_of_a_moment")),
        sa.CheckConstraint("starts_at IS NULL OR local_day IS NULL", name=op.f("ck_mailing_one_moment_or_a_day")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["staff_account.id"], name=op.f("fk_mailing_confirmed_by_id_staff_account")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff_account.id"], name=op.f("fk_mailing_made_by_id_staff_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailing")),
    )
    op.create_index(op.f("ix_mailing_made_at"), "mailing", ["made_at"], unique=False)
    op.create_index(op.f("ix_mailing_state"), "mailing", ["state"], unique=False)

    op.create_table(
        "member_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_alias_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_alias")),
        sa.UniqueConstraint("member_id", "name", name=op.f("uq_member_alias_member_id_name")),
    )

    op.create_table(
        "member_mail_domain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.CheckConstraint("domain = lower(domain)", name=op.f("ck_member_mail_domain_domain_is_lower_case")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_mail_domain_member_id_member"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_mail_domain")),
        sa.UniqueConstraint("member_id", "domain", name=op.f("uq_member_mail_domain_member_id_domain")),
    )
    op.create_index(op.f("ix_member_mail_domain_domain"), "member_mail_domain", ["domain"], unique=False)

    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(length=300), nullable=False),
        sa.Column("to_address", sa.String(length=254), nullable=True),
        sa.Column("sender", sa.String(length=300), nullable=False),
        sa.Column("bounce_token", sa.String(length=32), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("order_key", sa.String(length=100), nullable=True),
        sa.Column("calendar_method", sa.String(length=16), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "refused",
                "given_up",
                "withdrawn",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=100), nullable=True),
        sa.Column("server_said", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "undelivered",
            sa.Enum(
                "no_mailbox",
                "for_now",
                "other",
                name="undelivered",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("undelivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "(state = 'sending') = (claimed_until IS NOT NULL)", name=op.f("ck_outbox_mail_sending_is_claimed")
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_mail_sent_has_its_time")),
        sa.CheckConstraint(
            "message IS NOT NULL OR state NOT IN ('queued', 'sending')",
            name=op.f("ck_outbox_mail_unfinished_has_its_bytes"),
        ),
        sa.CheckConstraint(
            "(undelivered IS NULL) = (undelivered_at IS NULL)", name=op.f("ck_outbox_mail_undelivered_has_its_time")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outbox_mail_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("bounce_token", name=op.f("uq_outbox_mail_bounce_token")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_mail_message_id")),
    )
    op.create_index(op.f("ix_outbox_mail_created_at"), "outbox_mail", ["created_at"], unique=False)
    op.create_index(
        "ix_outbox_mail_due",
        "outbox_mail",
        ["urgent", "next_attempt_at", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_index(op.f("ix_outbox_mail_erase_after"), "outbox_mail", ["erase_after"], unique=False)
    op.create_index(op.f("ix_outbox_mail_kind"), "outbox_mail", ["kind"], unique=False)
    op.create_index("ix_outbox_mail_order_key_id", "outbox_mail", ["order_key", "id"], unique=False)
    op.create_index("ix_outbox_mail_person_topic", "outbox_mail", ["person_id", "topic", "created_at"], unique=False)
    op.create_index(op.f("ix_outbox_mail_state"), "outbox_mail", ["state"], unique=False)
    op.create_index(op.f("ix_outbox_mail_to_address"), "outbox_mail", ["to_address"], unique=False)
    op.create_index(op.f("ix_outbox_mail_topic"), "outbox_mail", ["topic"], unique=False)

    op.create_table(
        "personal_feed",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_personal_feed_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_personal_feed")),
        sa.UniqueConstraint("token", name=op.f("uq_personal_feed_token")),
    )

    op.create_table(
        "series_text",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_series_text_title_is_given")),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("fk_series_text_series_id_series"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("series_id", "language", name=op.f("pk_series_text")),
    )

    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_setting_file_id_stored_file")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_index(op.f("ix_setting_file_id"), "setting", ["file_id"], unique=False)

    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["staff_account.id"],
            name=op.f("fk_sign_in_link_account_id_staff_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_link_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_link_account_id"), "sign_in_link", ["account_id"], unique=False)

    op.create_table(
        "suppression",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitations",
                "reminders",
                "newsletter",
                name="mailkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "unsubscribed",
                "does_not_work",
                "complaint",
                "by_hand",
                name="suppressionreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "lifted_at IS NULL OR lifted_at >= since", name=op.f("ck_suppression_lifted_after_it_began")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_suppression_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
    )
    op.create_index(op.f("ix_suppression_person_id"), "suppression", ["person_id"], unique=False)
    op.create_index(
        "ix_suppression_reason_since",
        "suppression",
        ["reason", "since", "id"],
        unique=False,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_index(
        "uq_suppression_one_of_a_kind",
        "suppression",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL AND kind IS NOT NULL"),
        postgresql_where=sa.text("lifted_at IS NULL AND kind IS NOT NULL"),
    )
    op.create_index(
        "uq_suppression_one_of_all",
        "suppression",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL AND kind IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL AND kind IS NULL"),
    )

    op.create_table(
        "typed_name",
        sa.Column("folded", sa.String(length=300), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_typed_name_member_id_member")),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_typed_name")),
    )
    op.create_index(op.f("ix_typed_name_member_id"), "typed_name", ["member_id"], unique=False)

    op.create_table(
        "unsubscribe_link",
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitations",
                "reminders",
                "newsletter",
                name="mailkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_unsubscribe_link_person_id_person")),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_unsubscribe_link")),
        sa.UniqueConstraint("person_id", "kind", name=op.f("uq_unsubscribe_link_person_id_kind")),
    )

    op.create_table(
        "webinar",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("original_language", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["picture_id"], ["stored_file.id"], name=op.f("fk_webinar_picture_id_stored_file")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_webinar_series_id_series")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webinar")),
        sa.UniqueConstraint("slug", name=op.f("uq_webinar_slug")),
    )
    op.create_index(op.f("ix_webinar_picture_id"), "webinar", ["picture_id"], unique=False)
    op.create_index(op.f("ix_webinar_series_id"), "webinar", ["series_id"], unique=False)

    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("talk", "roundtable", name="agendakind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_agenda_item_takes_time")),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_agenda_item_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_webinar_id"), "agenda_item", ["webinar_id"], unique=False)

    op.create_table(
        "city_follow_up",
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("responsible_id", sa.Integer(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "comes",
                "will_nominate",
                "does_not_come",
                name="cityanswer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_city_follow_up_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["staff_account.id"], name=op.f("fk_city_follow_up_responsible_id_staff_account")
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_city_follow_up_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "member_id", name=op.f("pk_city_follow_up")),
    )
    op.create_index(op.f("ix_city_follow_up_member_id"), "city_follow_up", ["member_id"], unique=False)
    op.create_index(op.f("ix_city_follow_up_responsible_id"), "city_follow_up", ["responsible_id"], unique=False)

    op.create_table(
        "city_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_city_note_text_is_given")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_city_note_account_id_staff_account")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_city_note_member_id_member"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_city_note_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_note")),
    )
    op.create_index(op.f("ix_city_note_account_id"), "city_note", ["account_id"], unique=False)
    op.create_index(op.f("ix_city_note_member_id"), "city_note", ["member_id"], unique=False)
    op.create_index("ix_city_note_webinar_member", "city_note", ["webinar_id", "member_id", "at"], unique=False)

    op.create_table(
        "co_host",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("logo_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_co_host_name_is_given")),
        sa.ForeignKeyConstraint(["logo_id"], ["stored_file.id"], name=op.f("fk_co_host_logo_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_co_host_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_host")),
    )
    op.create_index(op.f("ix_co_host_logo_id"), "co_host", ["logo_id"], unique=False)
    op.create_index(op.f("ix_co_host_webinar_id"), "co_host", ["webinar_id"], unique=False)

    op.create_table(
        "focal_point_link",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_focal_point_link_contact_id_contact"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_focal_point_link")),
        sa.UniqueConstraint("token", name=op.f("uq_focal_point_link_token")),
    )

    op.create_table(
        "mail_topic",
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=300), nullable=False),
        sa.Column("order_key", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outbox_mail.id"], name=op.f("fk_mail_topic_mail_id_outbox_mail"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mail_id", "topic", name=op.f("pk_mail_topic")),
    )
    op.create_index(op.f("ix_mail_topic_order_key"), "mail_topic", ["order_key"], unique=False)
    op.create_index(op.f("ix_mail_topic_topic"), "mail_topic", ["topic"], unique=False)

    op.create_table(
        "mailing_recipient",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("timezone", sa.String(length=100), nullable=False),
        sa.Column("domain", sa.String(length=254), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_ready", sa.Boolean(), nullable=False),
        sa.Column(
            "left_out",
            sa.Enum(
                "already_registered",
                "cancelled",
                "declined",
                "invited_before",
                "unsubscribed",
                "does_not_work",
                "not_wanted",
                "double",
                "no_language",
                "on_trial",
                "withdrawn",
                "gone",
                name="leftout",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "left_out IS NULL OR mail_id IS NULL", name=op.f("ck_mailing_recipient_who_is_left_out_gets_no_mail")
        ),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_mailing_recipient_mail_id_outbox_mail")),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_recipient_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mailing_recipient_person_id_person")),
        sa.PrimaryKeyConstraint("mailing_id", "person_id", name=op.f("pk_mailing_recipient")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_mailing_recipient_mail_id")),
    )
    op.create_index(op.f("ix_mailing_recipient_person_id"), "mailing_recipient", ["person_id"], unique=False)
    op.create_index(
        "ix_mailing_recipient_to_write",
        "mailing_recipient",
        ["mailing_id", "is_ready", "not_before", "person_id"],
        unique=False,
        sqlite_where=sa.text("mail_id IS NULL AND left_out IS NULL"),
        postgresql_where=sa.text("mail_id IS NULL AND left_out IS NULL"),
    )

    op.create_table(
        "mailing_text",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_text_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("mailing_id", "language", name=op.f("pk_mailing_text")),
    )

    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(url <> '') = (file_id IS NULL)", name=op.f("ck_material_is_a_file_or_a_link")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_material_file_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_material_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
    )
    op.create_index(op.f("ix_material_file_id"), "material", ["file_id"], unique=False)
    op.create_index(op.f("ix_material_webinar_id"), "material", ["webinar_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "choice",
                "several",
                "yes_no",
                name="questionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "moment",
            sa.Enum("registering", "afterwards", name="moment", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("is_needed", sa.Boolean(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column(
            "ready_made",
            sa.Enum(
                "accessibility",
                "gender",
                "usefulness",
                "better",
                name="readymade",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ready_made <> 'gender' OR NOT is_needed", name=op.f("ck_question_gender_is_never_needed")),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_question_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_question_webinar_id"), "question", ["webinar_id"], unique=False)

    op.create_table(
        "webinar_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("starts_wall", sa.DateTime(timezone=False), nullable=False),
        sa.Column("ends_wall", sa.DateTime(timezone=False), nullable=False),
        sa.Column("timezone", sa.String(length=100), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "platform",
            sa.Enum(
                "zoom",
                "teams",
                "webex",
                "bigbluebutton",
                "jitsi",
                "youtube",
                "room",
                "other",
                name="platform",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("join_url", sa.Text(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("most_per_member", sa.Integer(), nullable=True),
        sa.Column(
            "access",
            sa.Enum(
                "everyone", "with_link", "members", name="access", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("access_token", sa.String(length=43), nullable=False),
        sa.Column("has_open_door", sa.Boolean(), nullable=False),
        sa.Column("reminders", sa.String(length=100), nullable=True),
        sa.Column("attendance_threshold", sa.SmallInteger(), nullable=False),
        sa.Column("registration_opens", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registration_closes", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "cancelled",
                name="sessionstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "NOT (is_provisional AND status = 'published')",
            name=op.f("ck_webinar_session_what_is_published_has_its_date"),
        ),
        sa.CheckConstraint(
            "attendance_threshold BETWEEN 0 AND 1440", name=op.f("ck_webinar_session_the_threshold_is_within_a_day")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_webinar_session_ends_after_it_starts")),
        sa.CheckConstraint("most_per_member > 0", name=op.f("ck_webinar_session_members_may_come_or_have_no_limit")),
        sa.CheckConstraint(
            "registration_closes > registration_opens",
            name=op.f("ck_webinar_session_registration_closes_after_it_opens"),
        ),
        sa.CheckConstraint("seats > 0", name=op.f("ck_webinar_session_has_seats_or_no_limit")),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_webinar_session_sequence_counts_up")),
        sa.ForeignKeyConstraint(["webinar_id"], ["webinar.id"], name=op.f("fk_webinar_session_webinar_id_webinar")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webinar_session")),
        sa.UniqueConstraint("access_token", name=op.f("uq_webinar_session_access_token")),
        sa.UniqueConstraint("key", name=op.f("uq_webinar_session_key")),
        sa.UniqueConstraint("uid", name=op.f("uq_webinar_session_uid")),
    )
    op.create_index(op.f("ix_webinar_session_starts_at"), "webinar_session", ["starts_at"], unique=False)
    op.create_index(op.f("ix_webinar_session_webinar_id"), "webinar_session", ["webinar_id"], unique=False)

    op.create_table(
        "webinar_text",
        sa.Column("webinar_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_webinar_text_title_is_given")),
        sa.ForeignKeyConstraint(
            ["webinar_id"], ["webinar.id"], name=op.f("fk_webinar_text_webinar_id_webinar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webinar_id", "language", name=op.f("pk_webinar_text")),
    )

    op.create_table(
        "agenda_item_text",
        sa.Column("agenda_item_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"],
            ["agenda_item.id"],
            name=op.f("fk_agenda_item_text_agenda_item_id_agenda_item"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("agenda_item_id", "language", name=op.f("pk_agenda_item_text")),
    )

    op.create_table(
        "attendance",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("came", sa.Boolean(), nullable=False),
        sa.Column("first_join_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_leave_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("sources", sa.String(length=100), nullable=False),
        sa.Column("is_disputed", sa.Boolean(), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "NOT came OR first_join_at IS NOT NULL", name=op.f("ck_attendance_who_came_joined_at_some_time")
        ),
        sa.CheckConstraint("seconds >= 0", name=op.f("ck_attendance_nobody_was_there_for_less_than_nothing")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["webinar_session.id"], name=op.f("fk_attendance_session_id_webinar_session")
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_attendance")),
    )
    op.create_index(op.f("ix_attendance_erase_after"), "attendance", ["erase_after"], unique=False)
    op.create_index("ix_attendance_person_came", "attendance", ["person_id", "came"], unique=False)

    op.create_table(
        "attendance_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "join_link",
                "report",
                "by_hand",
                name="attendancesource",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_there", sa.Boolean(), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "was_there OR source = 'by_hand'",
            name=op.f("ck_attendance_record_only_people_say_that_somebody_was_not_there"),
        ),
        sa.CheckConstraint("left_at >= joined_at", name=op.f("ck_attendance_record_leaves_after_joining")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_record_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["webinar_session.id"], name=op.f("fk_attendance_record_session_id_webinar_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_record")),
    )
    op.create_index(op.f("ix_attendance_record_erase_after"), "attendance_record", ["erase_after"], unique=False)
    op.create_index(op.f("ix_attendance_record_person_id"), "attendance_record", ["person_id"], unique=False)
    op.create_index(
        "ix_attendance_record_session_person", "attendance_record", ["session_id", "person_id"], unique=False
    )
    op.create_index(
        "uq_attendance_record_one_by_hand",
        "attendance_record",
        ["session_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("source = 'by_hand'"),
        postgresql_where=sa.text("source = 'by_hand'"),
    )
    op.create_index(
        "uq_attendance_record_one_join_link",
        "attendance_record",
        ["session_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("source = 'join_link'"),
        postgresql_where=sa.text("source = 'join_link'"),
    )

    op.create_table(
        "brought_report",
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("timezone", sa.String(length=100), nullable=True),
        sa.Column("date_order", sa.String(length=100), nullable=True),
        sa.Column("columns", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("adds", sa.Boolean(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_brought_report_account_id_staff_account")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_brought_report_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_brought_report")),
    )
    op.create_index(op.f("ix_brought_report_account_id"), "brought_report", ["account_id"], unique=False)
    op.create_index(op.f("ix_brought_report_brought_at"), "brought_report", ["brought_at"], unique=False)
    op.create_index(op.f("ix_brought_report_session_id"), "brought_report", ["session_id"], unique=False)

    op.create_table(
        "calendar_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("CONFIRMED", "CANCELLED", name="entrystatus", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("announced_sequence", sa.Integer(), nullable=True),
        sa.Column("dtstamp", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organizer", sa.String(length=254), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=300), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("first_message_id", sa.String(length=300), nullable=True),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "tentative",
                "declined",
                name="calendaranswer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "sequence >= 0 AND announced_sequence <= sequence", name=op.f("ck_calendar_entry_sequence_counts_up")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_entry_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["webinar_session.id"], name=op.f("fk_calendar_entry_session_id_webinar_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_entry")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_calendar_entry_session_id_person_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_calendar_entry_uid")),
    )
    op.create_index(
        "ix_calendar_entry_behind",
        "calendar_entry",
        ["session_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("announced_sequence < sequence"),
        postgresql_where=sa.text("announced_sequence < sequence"),
    )
    op.create_index(op.f("ix_calendar_entry_erase_after"), "calendar_entry", ["erase_after"], unique=False)
    op.create_index(op.f("ix_calendar_entry_person_id"), "calendar_entry", ["person_id"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("yes_registers", sa.Boolean(), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_invitation_mailing_id_mailing"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_invitation_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_invitation_session_id_person_id")),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    op.create_index(op.f("ix_invitation_erase_after"), "invitation", ["erase_after"], unique=False)
    op.create_index(op.f("ix_invitation_mailing_id"), "invitation", ["mailing_id"], unique=False)
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"], unique=False)

    op.create_table(
        "language_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "floor", "interpretation", name="versionkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("join_url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_language_version_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_version")),
        sa.UniqueConstraint("session_id", "code", name=op.f("uq_language_version_session_id_code")),
        sa.UniqueConstraint("session_id", "id", name=op.f("uq_language_version_session_id_id")),
    )
    op.create_index(
        "uq_language_version_one_floor",
        "language_version",
        ["session_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'floor'"),
        postgresql_where=sa.text("kind = 'floor'"),
    )

    op.create_table(
        "mailing_session",
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailing_id"], ["mailing.id"], name=op.f("fk_mailing_session_mailing_id_mailing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_mailing_session_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailing_id", "session_id", name=op.f("pk_mailing_session")),
    )
    op.create_index(op.f("ix_mailing_session_session_id"), "mailing_session", ["session_id"], unique=False)

    op.create_table(
        "material_text",
        sa.Column("material_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_material_text_title_is_given")),
        sa.ForeignKeyConstraint(
            ["material_id"], ["material.id"], name=op.f("fk_material_text_material_id_material"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("material_id", "language", name=op.f("pk_material_text")),
    )

    op.create_table(
        "notice_text",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("line", sa.String(length=300), nullable=False),
        sa.Column("put_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("line <> ''", name=op.f("ck_notice_text_line_is_given")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_notice_text_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "language", name=op.f("pk_notice_text")),
    )

    op.create_table(
        "platform_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=100), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("read_as", sa.String(length=64), nullable=False),
        sa.Column("timezone", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=300), nullable=False),
        sa.Column("meeting_id", sa.String(length=100), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("logins", sa.Integer(), nullable=False),
        sa.Column("logins_outside", sa.Integer(), nullable=False),
        sa.Column("unclear_times", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replaced_by_id", sa.Integer(), nullable=True),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("replaced_by_id <> id", name=op.f("ck_platform_report_not_replaced_by_itself")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_platform_report_account_id_staff_account")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["platform_report.id"], name=op.f("fk_platform_report_replaced_by_id_platform_report")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["webinar_session.id"], name=op.f("fk_platform_report_session_id_webinar_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_report")),
    )
    op.create_index(op.f("ix_platform_report_account_id"), "platform_report", ["account_id"], unique=False)
    op.create_index(op.f("ix_platform_report_erase_after"), "platform_report", ["erase_after"], unique=False)
    op.create_index(op.f("ix_platform_report_replaced_by_id"), "platform_report", ["replaced_by_id"], unique=False)
    op.create_index(op.f("ix_platform_report_session_id"), "platform_report", ["session_id"], unique=False)
    op.create_index(
        "uq_platform_report_one_active",
        "platform_report",
        ["session_id", "digest", "read_as"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL AND replaced_by_id IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL AND replaced_by_id IS NULL"),
    )

    op.create_table(
        "question_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("takes_words", sa.Boolean(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_choice_question_id_question"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_choice")),
        sa.UniqueConstraint("question_id", "id", name=op.f("uq_question_choice_question_id_id")),
        sqlite_autoincrement=True,
    )

    op.create_table(
        "question_text",
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("purpose <> ''", name=op.f("ck_question_text_purpose_is_given")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_question_text_title_is_given")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_text_question_id_question"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", "language", name=op.f("pk_question_text")),
    )

    op.create_table(
        "session_certificates",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("shows_minutes", sa.Boolean(), nullable=False),
        sa.Column("signer_name", sa.String(length=100), nullable=False),
        sa.Column("signer_role", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_session_certificates_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_certificates")),
    )

    op.create_table(
        "session_reminder",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes_before", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_session_reminder_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "starts_at", "minutes_before", name=op.f("pk_session_reminder")),
    )
    op.create_index(
        "ix_session_reminder_to_end",
        "session_reminder",
        ["starts_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "session_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "moved", "cancelled", "changed", name="updatekind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_session_update_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_update")),
    )
    op.create_index(op.f("ix_session_update_session_id"), "session_update", ["session_id"], unique=False)

    op.create_table(
        "speaker",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "speaker",
                "moderator",
                "panellist",
                name="speakerpart",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("join_token", sa.String(length=43), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_speaker_name_is_given")),
        sa.ForeignKeyConstraint(["photo_id"], ["stored_file.id"], name=op.f("fk_speaker_photo_id_stored_file")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_speaker_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaker")),
        sa.UniqueConstraint("join_token", name=op.f("uq_speaker_join_token")),
    )
    op.create_index(op.f("ix_speaker_photo_id"), "speaker", ["photo_id"], unique=False)
    op.create_index(op.f("ix_speaker_session_id"), "speaker", ["session_id"], unique=False)

    op.create_table(
        "way_to_follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "stream", "telephone", "recording", name="waykind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("access_code", sa.String(length=300), nullable=False),
        sa.Column("countries", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'telephone' AND substr(address, 1, 1) = '+') OR (kind <> 'telephone' AND substr(address, 1, 8) = 'https://')",
            name=op.f("ck_way_to_follow_address_fits_the_kind"),
        ),
        sa.CheckConstraint(
            "countries = '' OR (length(countries) % 3 = 2 AND countries = upper(countries))",
            name=op.f("ck_way_to_follow_countries_are_codes"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_way_to_follow_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_way_to_follow")),
        sa.UniqueConstraint("session_id", "kind", "address", name=op.f("uq_way_to_follow_session_id_kind_address")),
    )

    op.create_table(
        "kept_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "unproven",
                "another_sender",
                "other_time",
                "passed_on",
                "asks_again",
                name="keptfor",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "accepted",
                "tentative",
                "declined",
                name="kept_answer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("stamped", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["calendar_entry.id"], name=op.f("fk_kept_reply_entry_id_calendar_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_reply")),
        sa.UniqueConstraint("entry_id", "why", name=op.f("uq_kept_reply_entry_id_why")),
    )
    op.create_index(op.f("ix_kept_reply_erase_after"), "kept_reply", ["erase_after"], unique=False)
    op.create_index(op.f("ix_kept_reply_received_at"), "kept_reply", ["received_at"], unique=False)

    op.create_table(
        "language_version_text",
        sa.Column("language_version_id", sa.Integer(), nullable=False),
        sa.Column("practical_notes", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("practical_notes <> ''", name=op.f("ck_language_version_text_practical_notes_are_given")),
        sa.ForeignKeyConstraint(
            ["language_version_id"],
            ["language_version.id"],
            name=op.f("fk_language_version_text_language_version_id_language_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("language_version_id", "language", name=op.f("pk_language_version_text")),
    )

    op.create_table(
        "question_choice_text",
        sa.Column("choice_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_question_choice_text_title_is_given")),
        sa.ForeignKeyConstraint(
            ["choice_id"],
            ["question_choice.id"],
            name=op.f("fk_question_choice_text_choice_id_question_choice"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("choice_id", "language", name=op.f("pk_question_choice_text")),
    )

    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("language_version_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column(
            "affiliation",
            sa.Enum(
                "member", "partner", "other", name="affiliation", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "typed_affiliation",
            sa.Enum(
                "member",
                "partner",
                "other",
                name="typed_affiliation",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("role", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("timezone", sa.String(length=100), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "registered",
                "waiting",
                "cancelled",
                "unregistered",
                name="registrationstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "approval",
            sa.Enum(
                "asked", "approved", "declined", name="approval", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("join_token", sa.String(length=43), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "left_for",
            sa.Enum("handed_over", "moved", name="leftfor", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("watching_with", sa.SmallInteger(), nullable=False),
        sa.Column("folded", sa.String(length=600), nullable=False),
        sa.Column("folded_role", sa.String(length=600), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(affiliation = 'member') = (member_id IS NOT NULL)",
            name=op.f("ck_registration_a_member_is_named_by_members"),
        ),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_registration_cancelled_has_its_time")
        ),
        sa.CheckConstraint(
            "approval <> 'asked' OR status IN ('waiting', 'cancelled')",
            name=op.f("ck_registration_who_is_not_approved_waits"),
        ),
        sa.CheckConstraint(
            "approval <> 'declined' OR status = 'cancelled'", name=op.f("ck_registration_who_is_declined_has_no_place")
        ),
        sa.CheckConstraint(
            "left_for IS NULL OR status = 'cancelled'", name=op.f("ck_registration_a_place_that_was_left_is_cancelled")
        ),
        sa.CheckConstraint(
            "typed_affiliation IS NULL OR (affiliation = 'member' AND typed_affiliation <> 'member')",
            name=op.f("ck_registration_who_was_placed_had_named_no_member"),
        ),
        sa.CheckConstraint("token <> join_token", name=op.f("ck_registration_joining_is_not_managing")),
        sa.CheckConstraint("watching_with BETWEEN 0 AND 500", name=op.f("ck_registration_a_room_has_so_many_people")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_registration_member_id_member")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id", "language_version_id"],
            ["language_version.session_id", "language_version.id"],
            name=op.f("fk_registration_session_id_language_version"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["webinar_session.id"], name=op.f("fk_registration_session_id_webinar_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("join_token", name=op.f("uq_registration_join_token")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_registration_session_id_person_id")),
        sa.UniqueConstraint("session_id", "turn", name=op.f("uq_registration_session_id_turn")),
        sa.UniqueConstraint("token", name=op.f("uq_registration_token")),
    )
    op.create_index(op.f("ix_registration_erase_after"), "registration", ["erase_after"], unique=False)
    op.create_index(
        "ix_registration_found_by", "registration", ["session_id", "folded", "person_id", "member_id"], unique=False
    )
    op.create_index(op.f("ix_registration_language_version_id"), "registration", ["language_version_id"], unique=False)
    op.create_index(op.f("ix_registration_member_id"), "registration", ["member_id"], unique=False)
    op.create_index(
        "ix_registration_organisation_of_no_member",
        "registration",
        ["organisation"],
        unique=False,
        sqlite_where=sa.text("member_id IS NULL AND organisation <> ''"),
        postgresql_where=sa.text("member_id IS NULL AND organisation <> ''"),
    )
    op.create_index(op.f("ix_registration_person_id"), "registration", ["person_id"], unique=False)
    op.create_index(
        "ix_registration_session_status_turn", "registration", ["session_id", "status", "turn"], unique=False
    )

    op.create_table(
        "reminder_recipient",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes_before", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["outbox_mail.id"], name=op.f("fk_reminder_recipient_mail_id_outbox_mail")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_recipient_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id", "starts_at", "minutes_before"],
            ["session_reminder.session_id", "session_reminder.starts_at", "session_reminder.minutes_before"],
            name="fk_reminder_recipient_session_reminder",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "session_id", "starts_at", "minutes_before", "person_id", name=op.f("pk_reminder_recipient")
        ),
        sa.UniqueConstraint("mail_id", name=op.f("uq_reminder_recipient_mail_id")),
    )
    op.create_index(op.f("ix_reminder_recipient_person_id"), "reminder_recipient", ["person_id"], unique=False)
    op.create_index(
        "ix_reminder_recipient_to_write",
        "reminder_recipient",
        ["starts_at", "session_id", "minutes_before", "person_id"],
        unique=False,
        sqlite_where=sa.text("mail_id IS NULL"),
        postgresql_where=sa.text("mail_id IS NULL"),
    )

    op.create_table(
        "session_update_word",
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_session_update_word_text_is_given")),
        sa.ForeignKeyConstraint(
            ["update_id"],
            ["session_update.id"],
            name=op.f("fk_session_update_word_update_id_session_update"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("update_id", "language", name=op.f("pk_session_update_word")),
    )

    op.create_table(
        "speaker_text",
        sa.Column("speaker_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=300), nullable=False),
        sa.Column("affiliation", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role <> '' OR affiliation <> ''", name=op.f("ck_speaker_text_something_is_given")),
        sa.ForeignKeyConstraint(
            ["speaker_id"], ["speaker.id"], name=op.f("fk_speaker_text_speaker_id_speaker"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("speaker_id", "language", name=op.f("pk_speaker_text")),
    )

    op.create_table(
        "update_recipient",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("knew_starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("knew_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_update_recipient_mail_id_outbox_mail")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_update_recipient_person_id_person")),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["webinar_session.id"],
            name=op.f("fk_update_recipient_session_id_webinar_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["update_id"], ["session_update.id"], name=op.f("fk_update_recipient_update_id_session_update")
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_update_recipient")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_update_recipient_mail_id")),
    )
    op.create_index(op.f("ix_update_recipient_person_id"), "update_recipient", ["person_id"], unique=False)
    op.create_index(
        "ix_update_recipient_to_write",
        "update_recipient",
        ["session_id", "person_id"],
        unique=False,
        sqlite_where=sa.text("mail_id IS NULL"),
        postgresql_where=sa.text("mail_id IS NULL"),
    )
    op.create_index(op.f("ix_update_recipient_update_id"), "update_recipient", ["update_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_answer_question_id_question")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_answer_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "question_id", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_erase_after"), "answer", ["erase_after"], unique=False)
    op.create_index(op.f("ix_answer_question_id"), "answer", ["question_id"], unique=False)

    op.create_table(
        "certificate",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("to_mail_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["mail_id"], ["outbox_mail.id"], name=op.f("fk_certificate_mail_id_outbox_mail")),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_certificate_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("mail_id", name=op.f("uq_certificate_mail_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    op.create_index(
        "ix_certificate_to_mail",
        "certificate",
        ["registration_id"],
        unique=False,
        sqlite_where=sa.text("mail_id IS NULL AND to_mail_since IS NOT NULL"),
        postgresql_where=sa.text("mail_id IS NULL AND to_mail_since IS NOT NULL"),
    )

    op.create_table(
        "reminder_stop",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_reminder_stop_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_reminder_stop")),
    )

    op.create_table(
        "reported_person",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "host",
                "panellist",
                "staff",
                "attendee",
                "phone",
                "nameless",
                name="reportedkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "standing",
            sa.Enum(
                "certain",
                "likely",
                "open",
                "apart",
                "by_hand",
                "added",
                "set_aside",
                name="standing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "address",
                "merged_address",
                "remembered",
                "same_name",
                "other_order",
                "with_member",
                "other_letters",
                "known_address",
                "several_registered",
                "several_reported",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("registration_id", sa.Integer(), nullable=True),
        sa.Column("proposed_id", sa.Integer(), nullable=True),
        sa.Column("known_by", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(standing IN ('certain', 'by_hand', 'added')) = (registration_id IS NOT NULL)",
            name=op.f("ck_reported_person_whose_log_ins_count_is_registered"),
        ),
        sa.CheckConstraint(
            "standing <> 'likely' OR proposed_id IS NOT NULL",
            name=op.f("ck_reported_person_the_likely_are_likely_somebody"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_id"], ["registration.id"], name=op.f("fk_reported_person_proposed_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_reported_person_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["platform_report.id"],
            name=op.f("fk_reported_person_report_id_platform_report"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "number", name=op.f("pk_reported_person")),
    )
    op.create_index(op.f("ix_reported_person_proposed_id"), "reported_person", ["proposed_id"], unique=False)
    op.create_index(op.f("ix_reported_person_registration_id"), "reported_person", ["registration_id"], unique=False)
    op.create_index(
        "ix_reported_person_report_standing_name", "reported_person", ["report_id", "standing", "name"], unique=False
    )

    op.create_table(
        "answer_choice",
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("choice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id", "choice_id"],
            ["question_choice.question_id", "question_choice.id"],
            name=op.f("fk_answer_choice_question_id_question_choice"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id", "question_id"],
            ["answer.registration_id", "answer.question_id"],
            name=op.f("fk_answer_choice_registration_id_answer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "question_id", "choice_id", name=op.f("pk_answer_choice")),
    )
    op.create_index(op.f("ix_answer_choice_choice_id"), "answer_choice", ["choice_id"], unique=False)

    op.create_table(
        "reported_candidate",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_reported_candidate_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(
            ["report_id", "number"],
            ["reported_person.report_id", "reported_person.number"],
            name=op.f("fk_reported_candidate_report_id_reported_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report_id", "number", "registration_id", name=op.f("pk_reported_candidate")),
    )
    op.create_index(
        op.f("ix_reported_candidate_registration_id"), "reported_candidate", ["registration_id"], unique=False
    )

    op.create_table(
        "reported_login",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("left_at >= joined_at", name=op.f("ck_reported_login_leaves_after_joining")),
        sa.ForeignKeyConstraint(
            ["report_id", "number"],
            ["reported_person.report_id", "reported_person.number"],
            name=op.f("fk_reported_login_report_id_reported_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_login")),
    )
    op.create_index("ix_reported_login_report_number", "reported_login", ["report_id", "number"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_reported_login_report_number", table_name="reported_login")
    op.drop_table("reported_login")
    op.drop_index(op.f("ix_reported_candidate_registration_id"), table_name="reported_candidate")
    op.drop_table("reported_candidate")
    op.drop_index(op.f("ix_answer_choice_choice_id"), table_name="answer_choice")
    op.drop_table("answer_choice")
    op.drop_index("ix_reported_person_report_standing_name", table_name="reported_person")
    op.drop_index(op.f("ix_reported_person_registration_id"), table_name="reported_person")
    op.drop_index(op.f("ix_reported_person_proposed_id"), table_name="reported_person")
    op.drop_table("reported_person")
    op.drop_table("reminder_stop")
    op.drop_index(
        "ix_certificate_to_mail",
        table_name="certificate",
        sqlite_where=sa.text("mail_id IS NULL AND to_mail_since IS NOT NULL"),
        postgresql_where=sa.text("mail_id IS NULL AND to_mail_since IS NOT NULL"),
    )
    op.drop_table("certificate")
    op.drop_index(op.f("ix_answer_question_id"), table_name="answer")
    op.drop_index(op.f("ix_answer_erase_after"), table_name="answer")
    op.drop_table("answer")
    op.drop_index(op.f("ix_update_recipient_update_id"), table_name="update_recipient")
    op.drop_index(
        "ix_update_recipient_to_write",
        table_name="update_recipient",
        sqlite_where=sa.text("mail_id IS NULL"),
        postgresql_where=sa.text("mail_id IS NULL"),
    )
    op.drop_index(op.f("ix_update_recipient_person_id"), table_name="update_recipient")
    op.drop_table("update_recipient")
    op.drop_table("speaker_text")
    op.drop_table("session_update_word")
    op.drop_index(
        "ix_reminder_recipient_to_write",
        table_name="reminder_recipient",
        sqlite_where=sa.text("mail_id IS NULL"),
        postgresql_where=sa.text("mail_id IS NULL"),
    )
    op.drop_index(op.f("ix_reminder_recipient_person_id"), table_name="reminder_recipient")
    op.drop_table("reminder_recipient")
    op.drop_index("ix_registration_session_status_turn", table_name="registration")
    op.drop_index(op.f("ix_registration_person_id"), table_name="registration")
    op.drop_index(
        "ix_registration_organisation_of_no_member",
        table_name="registration",
        sqlite_where=sa.text("member_id IS NULL AND organisation <> ''"),
        postgresql_where=sa.text("member_id IS NULL AND organisation <> ''"),
    )
    op.drop_index(op.f("ix_registration_member_id"), table_name="registration")
    op.drop_index(op.f("ix_registration_language_version_id"), table_name="registration")
    op.drop_index("ix_registration_found_by", table_name="registration")
    op.drop_index(op.f("ix_registration_erase_after"), table_name="registration")
    op.drop_table("registration")
    op.drop_table("question_choice_text")
    op.drop_table("language_version_text")
    op.drop_index(op.f("ix_kept_reply_received_at"), table_name="kept_reply")
    op.drop_index(op.f("ix_kept_reply_erase_after"), table_name="kept_reply")
    op.drop_table("kept_reply")
    op.drop_table("way_to_follow")
    op.drop_index(op.f("ix_speaker_session_id"), table_name="speaker")
    op.drop_index(op.f("ix_speaker_photo_id"), table_name="speaker")
    op.drop_table("speaker")
    op.drop_index(op.f("ix_session_update_session_id"), table_name="session_update")
    op.drop_table("session_update")
    op.drop_index(
        "ix_session_reminder_to_end",
        table_name="session_reminder",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("session_reminder")
    op.drop_table("session_certificates")
    op.drop_table("question_text")
    op.drop_table("question_choice")
    op.drop_index(
        "uq_platform_report_one_active",
        table_name="platform_report",
        sqlite_where=sa.text("undone_at IS NULL AND replaced_by_id IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL AND replaced_by_id IS NULL"),
    )
    op.drop_index(op.f("ix_platform_report_session_id"), table_name="platform_report")
    op.drop_index(op.f("ix_platform_report_replaced_by_id"), table_name="platform_report")
    op.drop_index(op.f("ix_platform_report_erase_after"), table_name="platform_report")
    op.drop_index(op.f("ix_platform_report_account_id"), table_name="platform_report")
    op.drop_table("platform_report")
    op.drop_table("notice_text")
    op.drop_table("material_text")
    op.drop_index(op.f("ix_mailing_session_session_id"), table_name="mailing_session")
    op.drop_table("mailing_session")
    op.drop_index(
        "uq_language_version_one_floor",
        table_name="language_version",
        sqlite_where=sa.text("kind = 'floor'"),
        postgresql_where=sa.text("kind = 'floor'"),
    )
    op.drop_table("language_version")
    op.drop_index(op.f("ix_invitation_person_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_mailing_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_erase_after"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_calendar_entry_person_id"), table_name="calendar_entry")
    op.drop_index(op.f("ix_calendar_entry_erase_after"), table_name="calendar_entry")
    op.drop_index(
        "ix_calendar_entry_behind",
        table_name="calendar_entry",
        sqlite_where=sa.text("announced_sequence < sequence"),
        postgresql_where=sa.text("announced_sequence < sequence"),
    )
    op.drop_table("calendar_entry")
    op.drop_index(op.f("ix_brought_report_session_id"), table_name="brought_report")
    op.drop_index(op.f("ix_brought_report_brought_at"), table_name="brought_report")
    op.drop_index(op.f("ix_brought_report_account_id"), table_name="brought_report")
    op.drop_table("brought_report")
    op.drop_index(
        "uq_attendance_record_one_join_link",
        table_name="attendance_record",
        sqlite_where=sa.text("source = 'join_link'"),
        postgresql_where=sa.text("source = 'join_link'"),
    )
    op.drop_index(
        "uq_attendance_record_one_by_hand",
        table_name="attendance_record",
        sqlite_where=sa.text("source = 'by_hand'"),
        postgresql_where=sa.text("source = 'by_hand'"),
    )
    op.drop_index("ix_attendance_record_session_person", table_name="attendance_record")
    op.drop_index(op.f("ix_attendance_record_person_id"), table_name="attendance_record")
    op.drop_index(op.f("ix_attendance_record_erase_after"), table_name="attendance_record")
    op.drop_table("attendance_record")
    op.drop_index("ix_attendance_person_came", table_name="attendance")
    op.drop_index(op.f("ix_attendance_erase_after"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_table("agenda_item_text")
    op.drop_table("webinar_text")
    op.drop_index(op.f("ix_webinar_session_webinar_id"), table_name="webinar_session")
    op.drop_index(op.f("ix_webinar_session_starts_at"), table_name="webinar_session")
    op.drop_table("webinar_session")
    op.drop_index(op.f("ix_question_webinar_id"), table_name="question")
    op.drop_table("question")
    op.drop_index(op.f("ix_material_webinar_id"), table_name="material")
    op.drop_index(op.f("ix_material_file_id"), table_name="material")
    op.drop_table("material")
    op.drop_table("mailing_text")
    op.drop_index(
        "ix_mailing_recipient_to_write",
        table_name="mailing_recipient",
        sqlite_where=sa.text("mail_id IS NULL AND left_out IS NULL"),
        postgresql_where=sa.text("mail_id IS NULL AND left_out IS NULL"),
    )
    op.drop_index(op.f("ix_mailing_recipient_person_id"), table_name="mailing_recipient")
    op.drop_table("mailing_recipient")
    op.drop_index(op.f("ix_mail_topic_topic"), table_name="mail_topic")
    op.drop_index(op.f("ix_mail_topic_order_key"), table_name="mail_topic")
    op.drop_table("mail_topic")
    op.drop_table("focal_point_link")
    op.drop_index(op.f("ix_co_host_webinar_id"), table_name="co_host")
    op.drop_index(op.f("ix_co_host_logo_id"), table_name="co_host")
    op.drop_table("co_host")
    op.drop_index("ix_city_note_webinar_member", table_name="city_note")
    op.drop_index(op.f("ix_city_note_member_id"), table_name="city_note")
    op.drop_index(op.f("ix_city_note_account_id"), table_name="city_note")
    op.drop_table("city_note")
    op.drop_index(op.f("ix_city_follow_up_responsible_id"), table_name="city_follow_up")
    op.drop_index(op.f("ix_city_follow_up_member_id"), table_name="city_follow_up")
    op.drop_table("city_follow_up")
    op.drop_index(op.f("ix_agenda_item_webinar_id"), table_name="agenda_item")
    op.drop_table("agenda_item")
    op.drop_index(op.f("ix_webinar_series_id"), table_name="webinar")
    op.drop_index(op.f("ix_webinar_picture_id"), table_name="webinar")
    op.drop_table("webinar")
    op.drop_table("unsubscribe_link")
    op.drop_index(op.f("ix_typed_name_member_id"), table_name="typed_name")
    op.drop_table("typed_name")
    op.drop_index(
        "uq_suppression_one_of_all",
        table_name="suppression",
        sqlite_where=sa.text("lifted_at IS NULL AND kind IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL AND kind IS NULL"),
    )
    op.drop_index(
        "uq_suppression_one_of_a_kind",
        table_name="suppression",
        sqlite_where=sa.text("lifted_at IS NULL AND kind IS NOT NULL"),
        postgresql_where=sa.text("lifted_at IS NULL AND kind IS NOT NULL"),
    )
    op.drop_index(
        "ix_suppression_reason_since",
        table_name="suppression",
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_index(op.f("ix_suppression_person_id"), table_name="suppression")
    op.drop_table("suppression")
    op.drop_index(op.f("ix_sign_in_link_account_id"), table_name="sign_in_link")
    op.drop_table("sign_in_link")
    op.drop_index(op.f("ix_setting_file_id"), table_name="setting")
    op.drop_table("setting")
    op.drop_table("series_text")
    op.drop_table("personal_feed")
    op.drop_index(op.f("ix_outbox_mail_topic"), table_name="outbox_mail")
    op.drop_index(op.f("ix_outbox_mail_to_address"), table_name="outbox_mail")
    op.drop_index(op.f("ix_outbox_mail_state"), table_name="outbox_mail")
    op.drop_index("ix_outbox_mail_person_topic", table_name="outbox_mail")
    op.drop_index("ix_outbox_mail_order_key_id", table_name="outbox_mail")
    op.drop_index(op.f("ix_outbox_mail_kind"), table_name="outbox_mail")
    op.drop_index(op.f("ix_outbox_mail_erase_after"), table_name="outbox_mail")
    op.drop_index(
        "ix_outbox_mail_due",
        table_name="outbox_mail",
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index(op.f("ix_outbox_mail_created_at"), table_name="outbox_mail")
    op.drop_table("outbox_mail")
    op.drop_index(op.f("ix_member_mail_domain_domain"), table_name="member_mail_domain")
    op.drop_table("member_mail_domain")
    op.drop_table("member_alias")
    op.drop_index(op.f("ix_mailing_state"), table_name="mailing")
    op.drop_index(op.f("ix_mailing_made_at"), table_name="mailing")
    op.drop_table("mailing")
    op.drop_index(op.f("ix_listed_person_person_id"), table_name="listed_person")
    op.drop_table("listed_person")
    op.drop_index(op.f("ix_known_identity_person_id"), table_name="known_identity")
    op.drop_index(op.f("ix_known_identity_erase_after"), table_name="known_identity")
    op.drop_table("known_identity")
    op.drop_index(op.f("ix_contact_file_brought_at"), table_name="contact_file")
    op.drop_index(op.f("ix_contact_file_account_id"), table_name="contact_file")
    op.drop_table("contact_file")
    op.drop_index("ix_contact_member_focal_point", table_name="contact")
    op.drop_index(op.f("ix_contact_language"), table_name="contact")
    op.drop_index("ix_contact_folded_id", table_name="contact")
    op.drop_index(op.f("ix_contact_erase_after"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(
        "uq_consent_one_valid",
        table_name="consent",
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.drop_index(op.f("ix_consent_person_id"), table_name="consent")
    op.drop_index(op.f("ix_consent_erase_after"), table_name="consent")
    op.drop_table("consent")
    op.drop_index("ix_audit_entry_subject_at", table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_at"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_account_id"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("stored_file")
    op.drop_table("staff_account")
    op.drop_table("series")
    op.drop_index(op.f("ix_rate_limit_ends_at"), table_name="rate_limit")
    op.drop_table("rate_limit")
    op.drop_index(op.f("ix_person_merged_into_id"), table_name="person")
    op.drop_index(op.f("ix_person_erase_after"), table_name="person")
    op.drop_table("person")
    op.drop_table("people_list")
    op.drop_index(op.f("ix_newsletter_request_asked_at"), table_name="newsletter_request")
    op.drop_table("newsletter_request")
    op.drop_index(
        "uq_member_name",
        table_name="member",
        sqlite_where=sa.text("merged_into_id IS NULL"),
        postgresql_where=sa.text("merged_into_id IS NULL"),
    )
    op.drop_index(op.f("ix_member_region"), table_name="member")
    op.drop_index(op.f("ix_member_merged_into_id"), table_name="member")
    op.drop_table("member")
    op.drop_table("mailbox_position")
    op.drop_table("known_layout")
    op.drop_table("catalogue_version")
    op.drop_table("audience")
