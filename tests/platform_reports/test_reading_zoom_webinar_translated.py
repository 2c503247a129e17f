from __future__ import annotations

import re

import pytest

from tests.platform_reports.audience import FILES, STARTS, faults, lines, of_kind, stays, true_stays
from webinar.platform_reports.reading import read_report
from webinar.platform_reports.report import Kind

WORDS = {
    "Attendee Report": "出席者レポート",
    "Report Generated:": "レポート生成時刻:",
    "Topic,Webinar ID,Actual Start Time": "トピック,ウェビナーID,実際の開始時間",
    "Host Details": "ホスト詳細",
    "Panelist Details": "パネリスト詳細",
    "Attendee Details": "参加者詳細",
    "Other Attended": "その他の参加者",
    "Attended": "参加済み",
    "User Name (Original Name)": "ユーザー名 (元の名前)",
    "User Name": "ユーザー名",
    "First Name": "名",
    "Last Name": "姓",
    "Email": "メール",
    "Registration Time": "登録時刻",
    "Approval Status": "承認ステータス",
    "Join Time": "参加時刻",
    "Leave Time": "退出時刻",
    "Time in Session (minutes)": "セッション時間（分）",
    "Country/Region Name": "国/地域名",
    "Yes": "はい",
    "No": "いいえ",
}


def translated(name: str) -> str:
    """Return a sample with other words at the beginnings of lines and in headings."""
    text = (FILES / name).read_text(encoding="utf-8-sig")
    words = re.compile("|".join(rf"(?<![\w ]){re.escape(word)}(?![\w ])" for word in WORDS))
    return words.sub(lambda found: WORDS[found[0]], text)


@pytest.mark.parametrize("name", ["zoom_attendee_report_2020.csv", "zoom_attendee_report_2025_excel_padded.csv"])
def test_a_sample_in_other_words_says_the_same(name: str) -> None:
    report = read_report(translated(name).encode(), expected=STARTS)

    assert report.platform == "zoom_webinar"
    assert stays(report) == true_stays()
    assert (report.topic, report.absent, faults(report)) == (
        "Internationalisation and metropolitan spaces (sample data)", 2, [],
    )  # fmt: skip
    assert [login.name for login in of_kind(report, Kind.HOST)] == ["Secretariat Sample"]
    assert [login.name for login in of_kind(report, Kind.PANELLIST)] == ["Paula Panelista", "Ana Ejemplo"]
    assert [(one.given_name, one.family_name) for one in report.logins if one.email == "carl.sample@example.org"] == [
        ("Carl", "Sample, Jr."),
        ("Carl", "Sample, Jr."),
    ]


def test_those_without_registration_are_telephones_and_guests() -> None:
    report = read_report(translated("zoom_attendee_report_2020.csv").encode(), expected=STARTS)

    assert [login.name for login in of_kind(report, Kind.PHONE)] == ["15125550***"]
    assert [login.name for login in of_kind(report, Kind.GUEST)] == ["Guest"]


def test_without_panellists_and_registration_there_are_host_and_attendees() -> None:
    head = "Assisté,Nom (nom d’origine),E-mail,Heure d’arrivée,Heure de départ,Temps en séance (minutes),Invité,Pays"
    times = "03/04/2026 16:24:10,03/04/2026 17:31:40,68,Oui,France"

    report = read_report(
        lines(
            *("Rapport des participants", "Rapport généré,03/04/2026 18:05:10"),
            *("Sujet,ID du webinaire,Heure de début réelle,Durée", "Arbres,845,03/04/2026 16:10:00,85"),
            *("Détails de l’hôte", head, f"Oui,Sam,sam@example.org,{times}"),
            *("Détails des participants", head, f"Oui,Ana,ana@example.org,{times}", f"Oui,Budi,,{times}"),
        ),
        expected=STARTS,
    )

    assert [(login.name, login.email, login.kind) for login in report.logins] == [
        ("Sam", "sam@example.org", Kind.HOST),
        ("Ana", "ana@example.org", Kind.ATTENDEE),
        ("Budi", None, Kind.ATTENDEE),
    ]
