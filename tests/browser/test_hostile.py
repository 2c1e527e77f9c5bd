"""Hostile mail does no harm: one sentence where it is refused, text where it is shown."""

import io
import zipfile

from playwright.sync_api import expect

from tests.mails import mails, mbox, message

from .conftest import Server, Tab

FRAME = mails(40)
HTML = (
    "<script>fetch('http://198.51.100.7/run')</script>"
    "<img src='http://198.51.100.7/seen.gif' onerror='alert(1)'>"
    "<style>@import 'http://198.51.100.7/s.css'</style>"
    "<p>Hello <a href='http://198.51.100.7/click'>my bank</a></p>"
)


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def upload(tab: Tab, files: dict[str, bytes]) -> None:
    tab.go("data")
    tab.upload_all("Labelled mails", files)


def test_a_zip_bomb_is_refused_and_the_next_file_is_taken(tab: Tab, server: Server) -> None:
    there = sorted(server.home.glob("projects/*"))
    mail = b"Subject: x\n\n" + (b"win " * 19 + b"\n") * (16 << 20 >> 6)
    upload(tab, {"bomb.zip": zipped({f"spam/{number}.eml": mail for number in range(10)})})
    alert = tab.page.get_by_test_id("stAlert")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("as archives made to do harm do")
    tab.settle()
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)
    assert sorted(server.home.glob("projects/*")) == there

    # a name that climbs out of the archive is left out, and said to be; the others are read
    files = {
        f"{mail['label']}/{number}.eml": message(mail)
        for number, (_, mail) in enumerate(FRAME.iterrows())
    }
    outside = {path.name for path in server.home.parent.iterdir()}
    upload(tab, {"climbing.zip": zipped({"../../x": next(iter(files.values())), **files})})
    expect(tab.text("40 mails")).to_be_visible()
    assert (tab.number("Ham"), tab.number("Spam"), tab.number("Rows left out")) == (20, 20, 1)
    assert {path.name for path in server.home.parent.iterdir()} == outside


def test_a_mail_with_scripts_and_pictures_is_shown_as_text(tab: Tab) -> None:
    alarms: list[str] = []
    tab.page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    files = {
        f"hostile-{label}.mbox": mbox(
            message(mail, html=HTML + mail["body"])
            for _, mail in FRAME[FRAME["label"] == label].iterrows()
        )
        for label in ("ham", "spam")
    }
    upload(tab, files)
    expect(tab.text("40 mails")).to_be_visible()
    tab.choose_row(0)
    expect(tab.text("Subject:")).to_be_visible()
    tab.page.get_by_text("Headers", exact=True).click()
    expect(tab.text("Message-ID:")).to_be_visible()
    main = tab.page.get_by_test_id("stMain")
    assert main.locator("img[src*='198.51'], a[href*='198.51'], script, iframe").count() == 0
    assert not alarms
    # that no foreign host was asked for anything, the fixture looks at after every test
