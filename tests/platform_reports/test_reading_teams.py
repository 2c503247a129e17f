from __future__ import annotations

import pytest

from tests.platform_reports.audience import FILES, STARTS, april, faults, lines, of_kind, read_file, stays, true_stays
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import DateOrder, Kind

SUMMARY = ("1. Summary", "Meeting title\tTrees", "Attended participants\t2", "Start time\t4/3/26, 4:10:00 PM", "")

SPANISH = (
    "1. Resumen",
    "Título de la reunión\tÁrboles",
    "Participantes asistentes\t2",
    "Hora de inicio\t3/4/26, 16:10:00",
    "Hora de finalización\t3/4/26, 17:35:00",
    "Duración de la reunión\t1 h 25 min",
    "",
    "2. Participantes",
    "Nombre\tPrimera entrada\tÚltima salida\tDuración en la reunión\tCorreo electrónico\t"
    "Id. de participante (UPN)\tRol",
    "Ana Costa\t3/4/26, 16:24:10\t3/4/26, 17:31:40\t1 h 7 min 30 s\tana@example.org\tana@example.org\tOrganizador",
    "Budi (No comprobado)\t3/4/26, 16:30:00\t3/4/26, 17:00:00\t20 min\t\t\tAsistente",
    "",
    "3. Actividades en la reunión",
    "Nombre\tHora de entrada\tHora de salida\tDuración\tCorreo electrónico\tRol",
    "Ana Costa\t3/4/26, 16:24:10\t3/4/26, 17:31:40\t1 h 7 min 30 s\tana@example.org\tOrganizador",
    "Budi (No comprobado)\t3/4/26, 16:30:00\t3/4/26, 16:40:00\t10 min\t\tAsistente",
    "Budi (No comprobado)\t3/4/26, 16:50:00\t3/4/26, 17:00:00\t10 min\t\tAsistente",
)


def one_line(title: str, headings: str, cells: str) -> bytes:
    """Return a report with one log-in, in its third part, in some language."""
    return lines(f"1. {title}", f"{title}\tTrees", "", f"2. {title}", "", f"3. {title}", headings, cells)


def test_the_sample_says_of_everybody_what_is_true_to_the_second() -> None:
    report = read_file("teams_attendance_en_utf16.csv")

    assert stays(report) == true_stays()
    assert (report.platform, report.date_order, report.is_order_doubtful) == ("teams", DateOrder.MONTH_FIRST, False)
    assert (report.starts_wall, report.are_gaps_placed, faults(report)) == (april(3, "16:10"), False, [])
    assert report.topic == "Internationalisation and metropolitan spaces (sample data)"


def test_a_sample_without_its_third_part_tells_the_same_time_and_that_gaps_were_placed() -> None:
    whole = (FILES / "teams_attendance_en_utf16.csv").read_bytes().decode("utf-16")

    report = read_report(whole.partition("3. In-Meeting")[0].encode("utf-16"), expected=STARTS)

    assert stays(report) == true_stays()
    assert report.are_gaps_placed


def test_a_spanish_report_is_known_by_its_numbers_and_its_dates_by_the_day_of_the_session() -> None:
    report = read_report(lines(*SPANISH).decode().encode("utf-16"), expected=STARTS)

    assert (report.topic, report.starts_wall) == ("Árboles", april(3, "16:10"))
    assert (report.date_order, report.is_order_doubtful) == (DateOrder.DAY_FIRST, False)
    assert [(login.name, login.email, login.joined) for login in report.logins] == [
        ("Ana Costa", "ana@example.org", april(3, "16:24:10")),
        ("Budi", None, april(3, "16:30")),
        ("Budi", None, april(3, "16:50")),
    ]
    assert [login.name for login in of_kind(report, Kind.HOST)] == ["Ana Costa"]


@pytest.mark.parametrize(
    ("title", "headings", "cells"),
    [
        (
            "Résumé",
            "Nom\tHeure d’arrivée\tHeure de départ\tDurée\tE-mail\tRôle",
            "Ana Costa\t03/04/2026 16:24:10\t03/04/2026 17:31:40\t1 h 7 min 30 s\tana@example.org\tOrganisateur",
        ),
        (
            "Resumo",
            "Nome\tHora de Entrada\tHora de Saída\tDuração\tE-mail\tFunção",
            "Ana Costa\t03/04/26, 16:24:10\t03/04/26, 17:31:40\t1h 7m 30s\tana@example.org\tOrganizador",
        ),
        (
            "Zusammenfassung",
            "Name\tBeitrittszeit\tVerlassenszeit\tDauer\tE-Mail\tRolle",
            "Ana Costa\t03.04.26, 16:24:10\t03.04.26, 17:31:40\t1 Std. 7 Min. 30 Sek.\tana@example.org\tOrganisator",
        ),
        (
            "Riepilogo",
            "Nome\tOra di ingresso\tOra di uscita\tDurata\tE-mail\tRuolo",
            "Ana Costa\t03/04/26, 16:24:10\t03/04/26, 17:31:40\t1 h 7 min 30 s\tana@example.org\tOrganizzatore",
        ),
        (
            "ملخص",
            "الاسم\tوقت الانضمام\tوقت المغادرة\tالمدة\tالبريد الإلكتروني\tالدور",
            "Ana Costa\t٣\u200f/٤\u200f/٢٠٢٦ ٤:٢٤:١٠ م\t٣\u200f/٤\u200f/٢٠٢٦ ٥:٣١:٤٠ م\t٦٧ د\tana@example.org\tالمنظم",
        ),
        (
            "要約",
            "名前\t参加時刻\t退出時刻\t期間\tメール\tロール",
            "Ana Costa\t2026/04/03 16:24:10\t2026/04/03 17:31:40\t1 時間 7 分 30 秒\tana@example.org\t開催者",
        ),
        (
            "요약",
            "이름\t참가 시간\t나간 시간\t기간\t이메일\t역할",
            "Ana Costa\t2026. 4. 3. 오후 4:24:10\t2026. 4. 3. 오후 5:31:40\t1시간 7분\tana@example.org\t이끌이",
        ),
        (
            "Podsumowanie",
            "Imię\tGodzina dołączenia\tGodzina opuszczenia\tCzas trwania\tE-mail\tRola",
            "Ana Costa\t3 kwietnia 2026 16:24:10\t3 kwietnia 2026 17:31:40\t1 godz.\tana@example.org\tOrganizator",
        ),
    ],
)
def test_other_languages_are_read_by_what_stands_in_the_columns(title: str, headings: str, cells: str) -> None:
    report = read_report(one_line(title, headings, cells), expected=STARTS)

    [login] = report.logins
    assert (login.name, login.email, login.kind) == ("Ana Costa", "ana@example.org", Kind.HOST)
    assert (login.joined, login.left) == (april(3, "16:24:10"), april(3, "17:31:40"))


def test_a_file_in_utf_8_with_commas_and_padded_by_a_spreadsheet_program_reads_the_same() -> None:
    report = read_report(
        lines(
            "1. Summary,,,,,",
            "Meeting title,Trees,,,,",
            'Start time,"4/3/26, 4:10:00 PM",,,,',
            ",,,,,",
            "2. Participants,,,,,",
            "Name,First Join (UTC),Last Leave (UTC),In-Meeting Duration,Email,Role",
            'Ana Costa,"4/3/26, 4:24:10 PM","4/3/26, 5:31:40 PM",1h,ana@example.org,Presenter',
        ),
        expected=STARTS,
    )

    assert [login.kind for login in report.logins] == [Kind.ATTENDEE, Kind.ATTENDEE]
    assert (report.logins[0].joined, report.logins[1].left) == (april(3, "16:24:10"), april(3, "17:31:40"))
    assert report.timezone == "UTC"


def test_columns_of_engagement_between_do_not_matter() -> None:
    report = read_report(
        lines(
            *SUMMARY,
            "2. Participants",
            "",
            "3. In-Meeting Activities",
            "Name\tJoin Time\tLeave Time\tDuration\tEngagement: raised hands\tEmail\tRole",
            "Ana\t4/3/26, 4:24:10 PM\t4/3/26, 5:31:40 PM\t1h 7m\t12\tana@example.org\tAttendee",
            "Budi\t4/3/26, 4:24:10 PM",
            "Cem\tsoon\t4/3/26, 5:31:40 PM\t1h\t\tcem@example.org\tAttendee",
        ),
        expected=STARTS,
    )

    assert [(login.name, login.email) for login in report.logins] == [("Ana", "ana@example.org")]
    assert faults(report) == [
        (11, "It does not say when somebody left."),
        (12, "“soon” is no date and time."),
    ]
