"""Registration, invitations and attendance for the webinars of a city network."""

from __future__ import annotations

from flask import Flask
from flask_babel import Babel
from flask_babel import lazy_gettext as _l
from flask_migrate import Migrate

from config import PROJECT, Config
from webinar.accounts import acting, area
from webinar.accounts.models import Role
from webinar.attendance import reports_told
from webinar.attendance import staff as attendance_staff
from webinar.attendance import views as attendance
from webinar.attendance.arrivals import RecordedArrivals
from webinar.attendance.cli import attendance as attendance_commands
from webinar.calendars import feeds
from webinar.calendars import views as calendars
from webinar.catalogue import bookings
from webinar.catalogue import staff as catalogue_staff
from webinar.catalogue.cli import catalogue as catalogue_commands
from webinar.certificates import staff as certificates_staff
from webinar.certificates import views as certificates
from webinar.certificates.on_page import SessionsCertificates
from webinar.files import views as files
from webinar.foundation import assets, health, languages, security, site, zones
from webinar.foundation.db import db
from webinar.invitations import staff as invitations_staff
from webinar.invitations import views as invitation_views
from webinar.invitations.again import MailsOfMailings
from webinar.invitations.cli import mailing as mailing_commands
from webinar.invitations.invited import SessionInvitations
from webinar.invitations.staff import focal_point as focal_points_staff
from webinar.invitations.views import focal_point as own_pages
from webinar.mail import again
from webinar.mail import rendering as mails
from webinar.mail import staff as mail_staff
from webinar.members import belongings, focal_points
from webinar.members import staff as members_staff
from webinar.members.cli import members as members_commands
from webinar.newsletter import staff as newsletter_staff
from webinar.newsletter import views as newsletter
from webinar.newsletter.asked import AskedByMail
from webinar.people import staff as contacts_staff
from webinar.people import views as people
from webinar.people.cli import contacts as contacts_commands
from webinar.people.focal_points import ContactsOfMembers
from webinar.platform_reports import staff as platform_reports_staff
from webinar.platform_reports.cli import import_command as import_report_command
from webinar.platform_reports.told import ReportsOfSessions
from webinar.registration import arrivals, certified, invited, newsletter_asked, page_cache, reminded, updates_told
from webinar.registration import staff as registration_staff
from webinar.registration import views as registration
from webinar.registration.belongings import Registrations
from webinar.registration.bookings import RegisteredPeople
from webinar.registration.cli import registrations as registration_commands
from webinar.registration.queries import coming_people_by_language
from webinar.reminders import staff as reminders_staff
from webinar.reminders import views as reminders_of_places
from webinar.reminders.again import MailsOfReminders
from webinar.reminders.cli import remind_command
from webinar.reminders.told import SessionReminders
from webinar.sample.cli import sample as sample_commands
from webinar.settings import audience as settings_audience
from webinar.settings import effect as settings_effect
from webinar.settings import staff as settings_staff
from webinar.updates import staff as updates_staff
from webinar.updates.cli import check_times
from webinar.updates.cli import session as session_commands
from webinar.updates.told import SessionUpdates
from webinar.worker.cli import mail as mail_commands

STAFF_PLACES = (
    area.Place(_l("Home"), "registration_staff.home"),
    area.Place(_l("Sessions"), "registration_staff.sessions"),
    area.Place(_l("Series"), "catalogue_staff.list_series"),
    area.Place(_l("People"), "registration_staff.people"),
    area.Place(_l("Members"), "members_staff.list_members"),
    area.Place(_l("Contacts"), "contacts_staff.list_contacts"),
    area.Place(_l("Mailings"), "invitations_staff.mailings"),
    area.Place(_l("Mail log"), "mail_staff.log"),
    area.Place(_l("Settings"), "settings_staff.settings", Role.ADMIN),
)


def create_app(config: Config | None = None) -> Flask:
    """Build the application: settings, extensions, features. Wiring only; nothing below imports this module.

    Raises:
        SettingsError: a setting cannot be understood.
    """
    zones.use_pinned_zone_data()
    config = config or Config()
    app = site.Site(
        __name__,
        instance_path=str(config.INSTANCE_PATH),
        template_folder=str(PROJECT / "templates"),
        static_folder=None,  # foundation/assets serves the files of static/
    )
    app.config.from_mapping(
        {key: value for key, value in vars(config).items() if key.isupper()}, TESTING=config.TESTING
    )
    config.INSTANCE_PATH.mkdir(mode=0o700, parents=True, exist_ok=True)  # names and mails: for nobody else here

    db.init_app(app)
    settings_effect.init_app(app)
    settings_audience.init_app(app, coming_people_by_language)
    Migrate(app, db, directory=str(PROJECT / "migrations"))
    Babel(
        app,
        default_locale=config.LANGUAGES[0],
        default_translation_directories=str(PROJECT / "translations"),
        locale_selector=languages.selector(acting.language),
    )
    security.init_app(app, private="/staff")
    assets.init_app(app, PROJECT / "static")
    site.init_app(app, home="registration.programme")
    area.init_app(app, places=STAFF_PLACES)
    security.init_forms(app)

    mails.init_app(app)
    again.init_app(app, MailsOfMailings(), MailsOfReminders())
    bookings.init_app(app, RegisteredPeople())
    belongings.init_app(app, Registrations())
    focal_points.init_app(app, ContactsOfMembers())
    arrivals.init_app(app, RecordedArrivals())
    updates_told.init_app(app, SessionUpdates())
    newsletter_asked.init_app(app, AskedByMail())
    invited.init_app(app, SessionInvitations())
    reminded.init_app(app, SessionReminders())
    reports_told.init_app(app, ReportsOfSessions())
    certified.init_app(app, SessionsCertificates())
    page_cache.init_app(app)
    feeds.init_app(app)
    app.register_blueprint(registration.bp)
    app.register_blueprint(people.bp)
    app.register_blueprint(newsletter.bp)
    app.register_blueprint(reminders_of_places.bp)
    app.register_blueprint(invitation_views.bp)
    app.register_blueprint(own_pages.bp)
    app.register_blueprint(focal_points_staff.bp)
    app.register_blueprint(attendance.bp)
    app.register_blueprint(attendance_staff.bp)
    app.register_blueprint(platform_reports_staff.bp)
    app.register_blueprint(certificates.bp)
    app.register_blueprint(certificates_staff.bp)
    app.register_blueprint(calendars.bp)
    app.register_blueprint(files.bp)
    app.cli.add_command(members_commands)
    app.cli.add_command(contacts_commands)
    app.cli.add_command(catalogue_commands)
    catalogue_commands.add_command(check_times)
    app.cli.add_command(session_commands)
    session_commands.add_command(remind_command)
    app.cli.add_command(mailing_commands)
    app.cli.add_command(attendance_commands)
    attendance_commands.add_command(import_report_command)
    app.cli.add_command(registration_commands)
    app.cli.add_command(sample_commands)
    app.cli.add_command(mail_commands)
    app.register_blueprint(catalogue_staff.bp)
    app.register_blueprint(registration_staff.bp)
    app.register_blueprint(updates_staff.bp)
    app.register_blueprint(reminders_staff.bp)
    app.register_blueprint(invitations_staff.bp)
    app.register_blueprint(mail_staff.bp)
    app.register_blueprint(members_staff.bp)
    app.register_blueprint(contacts_staff.bp)
    app.register_blueprint(newsletter_staff.bp)
    app.register_blueprint(settings_staff.bp)
    app.register_blueprint(health.bp)
    return app
