"""A class: a student answers on a phone, and the teacher sees it; nobody else gets in."""

import http.client
import re

import pytest
from playwright.sync_api import expect

from snnlab.lab.classroom import invitation
from snnlab.ui.shared import classroom, hosts
from tests.browser.conftest import Visitor, started

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def server(chromium, tmp_path, monkeypatch):
    monkeypatch.setenv(classroom.VARIABLE, "yes")
    made = started(tmp_path)
    yield made
    made.stop()


def status(server, host: str) -> int:
    """What the server answers to somebody who came by this name."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("GET", "/", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    code = connection.getresponse().status
    connection.close()
    return code


def test_a_student_answers_and_the_teacher_sees_it(browser, server):
    told = server.log.read_text()
    code = re.search(r"type the code +(\w{3} \w{3})", told)[1].replace(" ", "")
    board = re.search(r"/(\?board=\S+)", told)[1]
    teacher, student = Visitor(browser, server), Visitor(browser, server, **PHONE)

    teacher.open(f"/{board}")
    expect(teacher.page.get_by_text("Nobody has joined yet")).to_be_visible()
    expect(teacher.page).to_have_url(re.compile(r"\?board=open$"))  # may be shown to the class

    student.open(f"/?class={code}")
    student.page.get_by_role("button", name="Join", exact=True).click()
    inside = student.page.get_by_text("In class you are")
    expect(inside).to_be_visible()
    label = re.search(r"In class you are (\w+ \w+)\.", inside.inner_text())[1]
    expect(student.page).to_have_url(f"{server.url}/learn")
    student.quiet()
    lesson = student.page.get_by_test_id("stForm")
    for field in lesson.get_by_role("spinbutton").all():
        field.fill("7")
    for choice in lesson.get_by_role("radiogroup").all():
        choice.locator("label").first.click()
    lesson.get_by_role("button", name="Check").click()
    expect(student.page.get_by_text("Not yet.")).to_be_visible()

    row = teacher.page.get_by_role("row").filter(has_text=label)
    expect(row.first).to_contain_text("✗1 ●")
    expect(row.last).to_contain_text(f"{label}: 7")
    for one, sign in ((teacher, label), (student, f"In class you are {label}")):
        one.page.reload()
        expect(one.page.get_by_text(sign).first).to_be_visible()
    stranger = Visitor(browser, server).open("/?board=open")
    expect(stranger.page.get_by_text("does not open the board")).to_be_visible()

    # the class ends: what the student reads no longer says otherwise, and a reload has a way on
    teacher.page.get_by_role("button", name="End the class").click()
    teacher.page.get_by_role("button", name="End it now").click()
    expect(student.page.get_by_text("Your class is over")).to_be_visible()
    student.page.reload()
    student.page.get_by_role("button", name="Go on by yourself").click()
    expect(student.page.get_by_text("Your class is over")).to_be_visible()
    expect(lesson.get_by_role("button", name="Check")).to_be_visible()

    # the guard against rebinding names is on, with this computer's own addresses
    own = invitation.addresses()
    assert [status(server, f"{host}:{server.port}") for host in own] == [200] * len(own)
    strange = [f"{host}.evil.example" for host in own]
    for host in ("evil.example", "198.51.100.7", "0.0.0.0", *strange):
        assert status(server, host) == hosts.REFUSED
    for one in (teacher, student, stranger):
        one.context.close()
        assert one.errors == [] and one.foreign == []
