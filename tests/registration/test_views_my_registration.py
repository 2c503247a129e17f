"""One's own registration, by its personal link."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.factories import a_consent, a_member, a_question, a_registration, a_session, a_webinar, an_answer
from tests.mailbox import all_mail, calendar_of, kinds_of_mail_to, mails_to, words_of
from tests.registration.test_services import a_registrant, token_of
from webinar.catalogue.models import Access, QuestionKind, SessionStatus
from webinar.foundation.db import db
from webinar.people.models import Purpose
from webinar.people.newsletter import newsletter_reader
from webinar.registration.models import Approval, RegistrationStatus
from webinar.registration.services import move, register


def test_the_page_shows_the_place_in_the_persons_own_time(client: FlaskClient) -> None:
    session = a_session(starts="2030-05-14T13:00", zone="Europe/Lisbon")
    place = a_registration(
        session, member=a_member("Seoul"), given_name="하은", family_name="김", timezone="Asia/Seoul"
    )

    answer = client.get(f"/en/registrations/{place.token}")

    assert "You have a place" in answer.text
    assert "21:00–22:15 for you in Seoul" in answer.text
    assert "<bdi>하은 김</bdi>" in answer.text
    assert f"/join/{place.join_token}" in answer.text


def test_nobody_else_learns_or_keeps_the_address(client: FlaskClient) -> None:
    place = a_registration()

    answer = client.get(f"/en/registrations/{place.token}")

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert '<link rel="alternate"' not in answer.text


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "x", lambda token: token.swapcase()]
)
def test_a_tampered_token_is_404_and_changes_nothing(client: FlaskClient, change: Any) -> None:
    place = a_registration()
    token = change(place.token)

    assert client.get(f"/en/registrations/{token}").status_code == 404
    assert client.post(f"/en/registrations/{token}/cancel").status_code == 404
    assert client.post(f"/en/registrations/{token}/language", data={"language": "en"}).status_code == 404
    assert place.status is RegistrationStatus.REGISTERED


def test_the_join_token_does_not_manage(client: FlaskClient) -> None:
    place = a_registration()

    assert client.get(f"/en/registrations/{place.join_token}").status_code == 404


def test_giving_up_takes_a_post_and_says_so(client: FlaskClient) -> None:
    place = a_registration()

    looked = client.get(f"/en/registrations/{place.token}/cancel")
    still = RegistrationStatus(place.status)
    answer = client.post(f"/en/registrations/{place.token}/cancel", follow_redirects=True)

    assert (looked.status_code, still) == (405, RegistrationStatus.REGISTERED)
    assert RegistrationStatus(place.status) is RegistrationStatus.CANCELLED
    assert "You gave up this place" in answer.text
    assert "Take my place back" in answer.text


def test_the_language_is_changed_by_a_post(client: FlaskClient) -> None:
    place = a_registration(a_session(languages=("en", "fr")))

    answer = client.post(f"/en/registrations/{place.token}/language", data={"language": "fr"}, follow_redirects=True)

    db.session.refresh(place, ["language_version"])
    assert place.language_version.code == "fr"
    assert "Your choice of language is stored." in answer.text


def test_a_language_the_session_does_not_have_is_refused_in_words(client: FlaskClient) -> None:
    place = a_registration(a_session(languages=("en", "fr")))

    answer = client.post(f"/en/registrations/{place.token}/language", data={"language": "de"})

    assert answer.status_code == 409
    assert "cannot be followed in the language “de”" in answer.text
    assert place.language_version.code == "en"


def test_who_waits_is_told_so_and_has_nothing_to_join(client: FlaskClient) -> None:
    place = a_registration(a_session(seats=1), status=RegistrationStatus.WAITING)

    text = client.get(f"/en/registrations/{place.token}").text

    assert "You are on the waiting list" in text
    assert "Stop waiting" in text
    assert place.join_token not in text


def test_after_the_session_nothing_is_offered_but_other_days_to_register_for(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar, starts="2020-05-14T13:00"))
    a_session("other", webinar=webinar, starts="2030-06-14T13:00")

    text = client.get(f"/en/registrations/{place.token}").text

    assert "This session is over" in text
    assert "<form" not in text.partition("<main")[2]
    assert "Correct my details" not in text
    assert "/en/sessions/other/register" in text


def test_from_a_cancelled_session_one_moves_with_everything_one_typed(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar, status=SessionStatus.CANCELLED))
    a_session("other", webinar=webinar, starts="2030-06-14T13:00")

    text = client.get(f"/en/registrations/{place.token}").text
    answer = client.post(f"/en/registrations/{place.token}/move", data={"session": "other"}, follow_redirects=True)

    assert "This session has been cancelled" in text
    assert "I cannot come" not in text
    assert "You have moved to this day." in answer.text
    assert "You have a place" in answer.text


def test_the_notice_is_a_page_and_names_its_version(client: FlaskClient) -> None:
    text = client.get("/en/privacy").text

    assert "How your data are used" in text
    assert "erased 2 years after the session" in text
    assert "Version <bdi>20" in text


def test_the_statement_on_accessibility_says_whom_to_tell(client: FlaskClient) -> None:
    assert "webinars@example.org" in client.get("/en/accessibility").text


def the_details(**more: str) -> dict[str, str]:
    return {
        "given_name": "Ana",
        "family_name": "Sousa",
        "affiliation": "other",
        "member": "",
        "organisation": "",
        "role": "",
        "mail_language": "en",
        "timezone": "Europe/Lisbon",
        **more,
    }


def test_the_form_shows_what_was_typed_and_stores_what_is_corrected(client: FlaskClient) -> None:
    place = a_registration(member=a_member("Seoul"), given_name="<Ana>", role="Mayor")
    address = f"/en/registrations/{place.token}/details"

    shown = client.get(address)
    answer = client.post(
        address, data=the_details(given_name="Ana Maria", organisation="Friends"), follow_redirects=True
    )

    assert 'value="&lt;Ana&gt;"' in shown.text
    assert 'value="Mayor"' in shown.text
    assert 'value="Seoul"' in shown.text
    assert "Your details are stored." in answer.text
    assert "Send me the invitation again</button>" in answer.text  # in its fold
    assert "Your calendar still shows" not in answer.text
    db.session.refresh(place)
    assert (place.given_name, place.organisation, place.role, place.affiliation) == (
        "Ana Maria",
        "Friends",
        "",
        "other",
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"given_name": " "}, "Write your given name."),
        ({"family_name": "<script>alert(1)</script>"}, "without a web address and without"),
        ({"family_name": "Sousa\r\nBcc: x@example.org"}, "Write it on one line."),
        ({"role": "Mayor\x07"}, "Write it on one line."),
        ({"affiliation": "nobody"}, "Choose one of these."),
        ({"affiliation": "member", "member": "Atlantis"}, "We found no member with this name"),
        ({"affiliation": "partner"}, "Write the name of your organisation."),
        ({"mail_language": "xx"}, "Choose one of these."),
        ({"mail_language": "fr"}, "Choose one of these."),  # the webinar has no texts in it
        ({"timezone": "Mars/Olympus"}, "Choose a city of the list."),
        ({"timezone": ""}, "Choose a city of the list."),
    ],
)
def test_details_that_cannot_be_are_refused_at_the_field_and_nothing_is_lost(
    client: FlaskClient, changes: dict[str, str], told: str
) -> None:
    place = a_registration()

    answer = client.post(f"/en/registrations/{place.token}/details", data=the_details(**{"role": "Planner", **changes}))

    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="Planner"' in answer.text or "role" in changes
    db.session.refresh(place)
    assert (place.given_name, place.role) == ("Ana", "")


def test_a_member_whose_name_two_have_stays_the_one_it_is(client: FlaskClient) -> None:
    city = a_member("Barcelona", key="barcelona")
    a_member("AMB", aliases=["Barcelona"])
    place = a_registration(member=city)

    details = the_details(affiliation="member", member="Barcelona", role="Planner")
    answer = client.post(f"/en/registrations/{place.token}/details", data=details)

    assert answer.status_code == 303
    db.session.refresh(place)
    assert (place.member_id, place.role) == (city.id, "Planner")


def test_another_zone_offers_the_invitation_again_and_sends_it_once_in_ten_minutes(client: FlaskClient) -> None:
    session = a_session()
    register(session.key, a_registrant())
    token = token_of("ana@lisbon.example")

    stored = client.post(
        f"/en/registrations/{token}/details", data=the_details(timezone="Asia/Seoul"), follow_redirects=True
    )
    sent = client.post(f"/en/registrations/{token}/send-again", follow_redirects=True)
    again = client.post(f"/en/registrations/{token}/send-again")

    _confirmation, mail = mails_to("ana@lisbon.example")
    assert "Your calendar still shows the session as it was written before." in stored.text
    assert "We have written to you. Look into your mailbox." in sent.text
    assert again.status_code == 429
    assert "within the last ten minutes" in again.text
    assert "for you in Seoul" in calendar_of(mail).description
    assert calendar_of(mail).sequence == 0


def the_colleague(**more: str) -> dict[str, str]:
    return {**the_details(given_name="Bo", family_name="Lima"), "email": "bo@lisbon.example", **more}


def test_the_form_for_a_colleague_proposes_the_same_member_and_hands_the_place_over(client: FlaskClient) -> None:
    place = a_registration(member=a_member("Seoul"), role="Mayor")
    address = f"/en/registrations/{place.token}/hand-over"

    shown = client.get(address)
    answer = client.post(address, data=the_colleague(affiliation="member", member="Seoul"), follow_redirects=True)
    again = client.get(address)

    assert 'value="Seoul"' in shown.text
    assert "Mayor" not in shown.text
    assert "This place was handed over" in answer.text
    assert "bo@lisbon.example" not in answer.text
    assert "I cannot come" not in answer.text
    assert (again.status_code, again.headers["Location"]) == (302, f"/en/registrations/{place.token}")
    assert kinds_of_mail_to("bo@lisbon.example") == ["confirmation"]


def test_the_answer_is_the_same_whether_the_colleague_was_registered_or_not(client: FlaskClient) -> None:
    session = a_session()
    a_registration(session, email="known@lisbon.example")
    answers = []
    for email in ("known@lisbon.example", "new@lisbon.example"):
        place = a_registration(session, email=f"giver-{email}")
        answer = client.post(f"/en/registrations/{place.token}/hand-over", data=the_colleague(email=email))
        page = client.get(answer.headers["Location"]).text
        answers.append((answer.status_code, page.replace(place.token, "").replace(place.person.email or "", "")))

    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"email": ""}, "s mail address. The calendar invitation goes there."),
        ({"email": "bo"}, "An @ is missing."),
        ({"email": "ANA@lisbon.example"}, "This is your own address."),
        ({"given_name": ""}, "s given name."),
        ({"family_name": "www.example.org/win"}, "without a web address"),
        ({"affiliation": "member", "member": "Atlantis"}, "We found no member with this name"),
    ],
)
def test_a_colleague_who_cannot_be_is_refused_at_the_field(
    client: FlaskClient, changes: dict[str, str], told: str
) -> None:
    place = a_registration(email="ana@lisbon.example")

    answer = client.post(f"/en/registrations/{place.token}/hand-over", data=the_colleague(**changes))

    assert answer.status_code == 422
    assert told in answer.text
    assert "Lima" in answer.text or "family_name" in changes
    db.session.refresh(place)
    assert place.status is RegistrationStatus.REGISTERED
    assert all_mail() == []


def test_a_place_handed_over_again_with_the_old_link_is_refused_in_words(client: FlaskClient) -> None:
    place = a_registration()
    client.post(f"/en/registrations/{place.token}/hand-over", data=the_colleague())

    answer = client.post(f"/en/registrations/{place.token}/hand-over", data=the_colleague(email="third@lisbon.example"))

    assert answer.status_code == 409
    assert "You have handed this place over; only your colleague can change it now." in answer.text
    assert kinds_of_mail_to("third@lisbon.example") == []


def test_nobody_can_write_to_the_world_by_offering_a_place(client: FlaskClient) -> None:
    lisbon, porto = a_member("Lisbon"), a_member("Porto")
    session = a_session(most_per_member=1)
    a_registration(session, member=porto)
    place = a_registration(session, member=lisbon)

    answers = [
        client.post(
            f"/en/registrations/{place.token}/hand-over",
            data=the_colleague(email=f"p{number}@example.org", affiliation="member", member="Porto"),
        ).status_code
        for number in range(6)
    ]

    assert answers == [422] * 5 + [429]


def test_nobodys_mailbox_can_be_filled_by_offering_many_places_to_it(client: FlaskClient) -> None:
    session = a_session()
    a_registration(session, email="victim@lisbon.example")
    places = [a_registration(session) for _ in range(11)]

    answers = [
        client.post(
            f"/en/registrations/{place.token}/hand-over",
            data=the_colleague(email="victim@lisbon.example" if number % 2 else f"victim+{number}@lisbon.example"),
        )
        for number, place in enumerate(places)
    ]

    assert [answer.status_code for answer in answers] == [303] * 10 + [422]
    assert "Many registrations came for this mailbox today." in answers[-1].text
    db.session.refresh(places[-1])
    assert places[-1].status is RegistrationStatus.REGISTERED


def test_the_place_moves_by_one_click_to_the_day_chosen(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar))
    a_session("other", webinar=webinar, starts="2030-06-14T13:00", seats=3)

    shown = client.get(f"/en/registrations/{place.token}")
    answer = client.post(f"/en/registrations/{place.token}/move", data={"session": "other"})
    new = client.get(answer.headers["Location"])
    old = client.get(f"/en/registrations/{place.token}")

    assert 'Friday 14 June, <span class="together">13:00–14:15 for you in Lisbon</span>' in shown.text
    assert "3 seats left" in shown.text
    assert place.token not in answer.headers["Location"]
    assert "You have moved to this day. Two mails tell your calendar:" in new.text
    assert "You moved to another day" in old.text
    assert "You come on Friday 14 June now, 13:00–14:15 for you in Lisbon." in old.text
    assert answer.headers["Location"].rpartition("/")[2] not in old.text


def test_before_one_waits_on_another_day_one_is_asked(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar))
    full = a_session("full", webinar=webinar, starts="2030-06-14T13:00", seats=1)
    a_registration(full)
    address = f"/en/registrations/{place.token}/move"

    asked = client.post(address, data={"session": "full"})
    still = RegistrationStatus(place.status)
    answer = client.post(address, data={"session": "full", "wait": "yes"}, follow_redirects=True)

    assert asked.status_code == 409
    assert "Wait there instead" in asked.text
    assert still is RegistrationStatus.REGISTERED
    assert "You are on the waiting list" in answer.text


def test_each_open_day_and_language_has_a_button_of_its_own(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar, languages=("en", "fr")))
    a_session("june", webinar=webinar, starts="2030-06-14T13:00", languages=("es", "en"))
    a_session("july", webinar=webinar, starts="2030-07-14T13:00", languages=("fr",))
    a_session(
        "closed", webinar=webinar, starts="2030-08-14T13:00", registration_closes=datetime(2020, 1, 1, tzinfo=UTC)
    )

    text = client.get(f"/en/registrations/{place.token}").text
    moves = text[text.index('class="moves"') : text.index('id="room"')]
    moved = client.post(f"/en/registrations/{place.token}/move", data={"session": "june", "language": "es"})

    buttons = [" ".join(re.sub(r"<[^>]+>", "", one).split()) for one in re.findall(r"<button.*?</button>", moves)]
    assert buttons == [
        "Hear it in: FRFrançais interpreted",
        "Move here: ENEnglish interpreted (Friday 14 June)",
        "Move here: ESEspañol the original (Friday 14 June)",
        "Move here: FRFrançais the original (Sunday 14 July)",
    ]
    assert "<details" not in moves
    assert '<span lang="es">Español</span>' in client.get(moved.headers["Location"]).text


def test_who_would_wait_there_keeps_the_language_they_clicked(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar))
    a_registration(a_session("full", webinar=webinar, starts="2030-06-14T13:00", seats=1, languages=("en", "fr")))

    asked = client.post(f"/en/registrations/{place.token}/move", data={"session": "full", "language": "fr"})
    refused = client.post(f"/en/registrations/{place.token}/move", data={"session": "full", "language": "de"})

    assert '<input type="hidden" name="language" value="fr">' in asked.text
    assert refused.status_code == 409
    assert "cannot be followed in the language “de”" in refused.text


def test_the_links_of_the_new_place_come_again_by_mail_to_who_has_an_old_link(client: FlaskClient) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar), email="ana@lisbon.example")
    there = a_session(webinar=webinar, starts="2030-06-14T13:00")
    token = move(place.token, there.key, may_wait=False)

    answer = client.post(f"/en/registrations/{place.token}/send-again", follow_redirects=True)

    assert "We have written to you." in answer.text
    assert token in words_of(mails_to("ana@lisbon.example")[-1])


def test_days_on_which_one_is_registered_or_may_not_come_are_not_offered(client: FlaskClient) -> None:
    webinar, long_ago = a_webinar(), datetime(2020, 1, 1, tzinfo=UTC)
    place = a_registration(a_session(webinar=webinar))
    also = a_session("also", webinar=webinar, starts="2030-06-14T13:00")
    a_registration(also, person=place.person)
    a_session("members", webinar=webinar, starts="2030-06-15T13:00", access=Access.MEMBERS)
    a_session("by-link", webinar=webinar, starts="2030-06-16T13:00", access=Access.WITH_LINK)
    a_session("closed", webinar=webinar, starts="2030-06-17T13:00", registration_closes=long_ago)

    assert "Come on another day" not in client.get(f"/en/registrations/{place.token}").text


def test_a_place_is_taken_back_with_one_click_and_what_one_would_get_is_said_before(client: FlaskClient) -> None:
    session = a_session(seats=1)
    place = a_registration(session, status=RegistrationStatus.CANCELLED)
    free = client.get(f"/en/registrations/{place.token}").text
    a_registration(session)
    full = client.get(f"/en/registrations/{place.token}").text

    # The page was read while there was a seat.
    asked = client.post(f"/en/registrations/{place.token}/take-back")
    answer = client.post(f"/en/registrations/{place.token}/take-back", data={"wait": "yes"}, follow_redirects=True)

    assert "There are seats" in free
    assert "you would wait for one" in full
    assert asked.status_code == 409
    assert 'name="wait"' in asked.text
    assert "You are on the waiting list" in answer.text


def test_more_changes_than_one_person_makes_in_a_day_are_refused(client: FlaskClient) -> None:
    place = a_registration(a_session(languages=("en", "fr")))
    address = f"/en/registrations/{place.token}/language"

    answers = [client.post(address, data={"language": code}).status_code for code in ("fr", "en") * 6]

    assert answers == [303] * 10 + [429] * 2
    assert client.post(f"/en/registrations/{place.token}/cancel").status_code == 303


def test_who_is_to_be_approved_and_who_was_declined_is_told_so(client: FlaskClient) -> None:
    session = a_session(access=Access.MEMBERS)
    asked = a_registration(session, status=RegistrationStatus.WAITING, approval=Approval.ASKED)
    declined = a_registration(session, status=RegistrationStatus.CANCELLED, approval=Approval.DECLINED)

    assert "The secretariat looks at your registration" in client.get(f"/en/registrations/{asked.token}").text
    told = client.get(f"/en/registrations/{declined.token}").text
    assert "You have no place in this session" in told
    assert "Take my place back" not in told


@pytest.mark.parametrize("page", ["", "/details", "/hand-over"])
def test_the_pages_take_few_queries(client: FlaskClient, count_queries: Any, page: str) -> None:
    webinar = a_webinar()
    place = a_registration(a_session(webinar=webinar, languages=("en", "fr")), member=a_member("Seoul"))
    for day in range(10, 20):
        a_session(webinar=webinar, starts=f"2030-06-{day}T13:00", seats=5)
    db.session.expunge_all()

    with count_queries() as queries:
        assert client.get(f"/en/registrations/{place.token}{page}").status_code == 200

    assert queries.count <= 15


@pytest.mark.parametrize("what", ["details", "hand-over", "move", "take-back", "send-again"])
def test_with_somebody_elses_or_no_token_nothing_is_found(client: FlaskClient, what: str) -> None:
    place = a_registration()

    assert client.post(f"/en/registrations/{place.join_token}/{what}").status_code == 404
    assert client.post(f"/en/registrations/x/{what}").status_code == 404


def test_answers_are_shown_and_corrected_with_the_rest(client: FlaskClient) -> None:
    place = a_registration()
    webinar = place.session.webinar
    words = a_question(webinar, title="What do you hope for?")
    choice = a_question(webinar, title="What do you need?", kind=QuestionKind.SEVERAL, choices=["A ramp", "Captions"])
    an_answer(place, words, text="<b>Shade</b>")
    an_answer(place, choice, choices=choice.choices[:1])
    ramp, captions = (one.id for one in choice.choices)
    address = f"/en/registrations/{place.token}"

    shown = client.get(address).text
    form = client.get(f"{address}/details").text
    answers = {f"question-{words.id}": "Trees", f"question-{choice.id}": [str(ramp), str(captions)]}
    corrected = client.post(f"{address}/details", data={**the_details(), **answers}, follow_redirects=True).text

    assert "What do you hope for?" in shown
    assert "&lt;b&gt;Shade&lt;/b&gt;" in shown
    assert "A ramp" in shown
    assert "&lt;b&gt;Shade&lt;/b&gt;</textarea>" in form
    assert "Trees" in corrected
    assert "<span>A ramp</span>, <span>Captions</span>" in corrected


def test_a_needed_answer_is_asked_for_when_details_are_corrected(client: FlaskClient) -> None:
    place = a_registration()
    a_question(place.session.webinar, is_needed=True)

    answer = client.post(f"/en/registrations/{place.token}/details", data=the_details())

    assert answer.status_code == 422
    assert "Write your answer." in answer.text


def test_in_a_session_for_members_nobody_comes_in_by_way_of_a_colleague_or_of_another_member(
    client: FlaskClient,
) -> None:
    lisbon = a_member("Lisbon", mail_domains=["lisbon.example"])
    a_member("Porto", mail_domains=["porto.example"])
    session = a_session(access=Access.MEMBERS)
    place = a_registration(session, email="ana@lisbon.example", member=lisbon)
    asked = a_registration(session, status=RegistrationStatus.WAITING, approval=Approval.ASKED)
    address = f"/en/registrations/{place.token}"
    for_lisbon, for_porto = ({"affiliation": "member", "member": name} for name in ("Lisbon", "Porto"))

    to_porto = client.post(f"{address}/details", data=the_details(**for_porto))
    to_nobody = client.post(f"{address}/details", data=the_details())
    outside = client.post(f"{address}/hand-over", data=the_colleague(email="bo@example.org", **for_lisbon))
    while_asked = client.post(f"/en/registrations/{asked.token}/hand-over", data=the_colleague(**for_lisbon))
    inside = client.post(f"{address}/hand-over", data=the_colleague(email="bo@lisbon.example", **for_lisbon))

    assert "your address is not one of this member" in to_porto.text
    assert "your address is not one of this member" in to_nobody.text
    assert "this address is not one of the member" in outside.text
    assert "The secretariat has not looked at your registration yet." in while_asked.text
    assert [answer.status_code for answer in (to_porto, to_nobody, outside, while_asked, inside)] == [
        422,
        422,
        422,
        409,
        303,
    ]


def test_the_newsletter_is_ended_on_the_page_of_a_place(client: FlaskClient) -> None:
    place = a_registration()
    consent = a_consent(place.person, purpose=Purpose.NEWSLETTER)
    page = f"/en/registrations/{place.token}"
    assert "Send me no newsletter any more" in client.get(page).text

    assert [client.post(f"{page}/stop-newsletter").status_code for _ in range(2)] == [303, 303]

    text = client.get(page).text
    assert "The newsletter does not come any more." in text
    assert "Send me no newsletter any more" not in text
    assert '<a href="/en/newsletter">Ask for the newsletter</a>' in text
    db.session.refresh(consent)
    assert consent.withdrawn_at is not None
    assert newsletter_reader(place.person_id) is None
    assert place.status is RegistrationStatus.REGISTERED
    assert client.post("/en/registrations/x/stop-newsletter").status_code == 404
