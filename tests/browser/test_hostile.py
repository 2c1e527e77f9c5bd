"""Hostile mail does no harm: one sentence where it is refused, text where it is shown."""

import io
import re
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from pipeline.mail import hidden, quoted
from tests.hostile_mails import HOSTILE, body_of, table
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
    expect(alert).to_contain_text("as malicious archives do")
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
    tab.click(tab.page.get_by_text("Headers", exact=True))
    expect(tab.text("Message-ID:")).to_be_visible()
    main = tab.page.get_by_test_id("stMain")
    assert main.locator("img[src*='198.51'], a[href*='198.51'], script, iframe").count() == 0
    assert not alarms
    # that no foreign host was asked for anything, the fixture looks at after every test


PROJECT = "hostile corpus"
MADE = r"""() => {
  const found = [];
  if (window.hit !== undefined) found.push(`a script ran: ${window.hit}`);
  for (const e of document.querySelectorAll("body *")) {
    const name = e.tagName.toLowerCase();
    if (["iframe", "object", "embed", "base", "math"].includes(name)) found.push(name);
    for (const a of e.attributes) {
      if (a.name.startsWith("on")) found.push(`${name} ${a.name}=${a.value}`);
      const address = ["href", "src", "action", "xlink:href", "srcset"].includes(a.name);
      if (!address || /^(data:|blob:|#)/.test(a.value)) continue;
      const url = new URL(a.value, location.origin);
      if (url.origin !== location.origin) found.push(`${name} ${a.name}=${a.value}`);
    }
  }
  for (const e of document.querySelectorAll("body script, body style, body link"))
    if (/198\.51|alert|inset:0|window\.hit/.test(e.outerHTML)) found.push(e.outerHTML);
  if (document.querySelector(".katex")) found.push("a formula");
  let text = document.body.textContent;
  for (const e of document.querySelectorAll("textarea"))
    text = text.replace(e.textContent, ""); // what the user typed stays as it was typed
  for (const sign of ["\u{1F604}", "a \u2192 b", "\u202e", "\x1b"])
    if (text.includes(sign)) found.push(`the sign ${JSON.stringify(sign)}`);
  return found;
}"""
"""What a page has made of the text of mails; nothing, if all is well."""


@pytest.fixture(scope="module")
def hostile(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project of hostile mails with two runs."""
    file = tmp_path_factory.mktemp("hostile") / "hostile.csv"
    file.write_bytes(table())
    for model in ("logistic", "naive_bayes"):
        asked = ("--project", PROJECT, "--model", model, "--note", " ".join(HOSTILE[:10]))
        server.spamlab("train", file, "--split", "stratified", *asked)
    return PROJECT


def look(tab: Tab) -> None:
    """The page has made nothing of any text, also where the pointer is over a chart."""
    tab.settle()
    for chart in tab.page.locator(".js-plotly-plot").filter(visible=True).all()[:2]:
        chart.scroll_into_view_if_needed()
        if box := chart.bounding_box():
            for step in (0.2, 0.4, 0.6, 0.8):
                across, down = box["x"] + step * box["width"], box["y"] + step * box["height"]
                tab.page.mouse.move(across, down)
    assert not tab.page.evaluate(MADE), tab.page.url
    expect(tab.page.get_by_test_id("stException")).to_have_count(0)


def look_at_all(tab: Tab) -> None:
    """`look`, at each tab and each view of the page."""
    look(tab)
    for kind in ("[role=tab]", "[data-testid=stButtonGroup] [role=radio]"):
        main = tab.page.get_by_test_id("stMain")
        for position in range(main.locator(kind).filter(visible=True).count()):
            there = main.locator(kind).filter(visible=True)
            if position < there.count():
                tab.click(there.nth(position))
                look(tab)


def written(tab: Tab) -> list[str]:
    """The texts in the boxes of code, as they stand on the screen."""
    return tab.page.get_by_test_id("stCode").locator("code").all_text_contents()


def test_nothing_acts_on_any_page(tab: Tab, hostile: str) -> None:
    alarms: list[str] = []
    tab.page.on("dialog", lambda dialog: (alarms.append(dialog.message), dialog.dismiss()))
    for page in ("", "split", "features", "train", "evaluate", "compare", "runs", "score"):
        tab.go(page, hostile)
        look_at_all(tab)
    tab.go("labels", hostile)
    tab.press("Look for labels that look wrong")
    expect(tab.text("look mislabelled")).to_be_visible()
    look(tab)
    tab.go("errors", hostile)
    tab.click(tab.page.get_by_text("All mails", exact=True))
    expect(tab.text("Subject:")).to_be_visible()  # of the mail that is open
    tab.click(tab.page.get_by_text("Groups of errors", exact=False).first)
    look_at_all(tab)
    tab.go("score", hostile)
    tab.page.get_by_role("textbox", name="Subject").fill(" ".join(HOSTILE))
    tab.page.get_by_role("textbox", name="Text").fill("\n".join(HOSTILE))
    tab.press("Score it")
    expect(tab.text("P(spam)")).to_be_visible()
    look(tab)
    tab.go("final_test", hostile)
    words = tab.page.get_by_role("textbox", name="to confirm")
    words.fill("open the test part")
    words.press("Enter")
    tab.press("Open the test part")
    expect(tab.text("It does not open again")).to_be_visible()
    look_at_all(tab)
    assert not alarms
    # requests to other machines and errors of the page: the fixture looks for them


def test_text_in_a_sentence_of_the_page_stays_the_characters_it_is(tab: Tab) -> None:
    name = " ".join(HOSTILE)  # as somebody's link may name a project
    tab.page.goto(f"{tab.url}/data?{urlencode({'project': name})}")
    tab.settle()
    alert = tab.page.get_by_test_id("stAlert").filter(has_text="There is no project")
    said = (alert.text_content() or "").replace("\u2060", "")  # the word joiners of `literal`
    assert f"There is no project {name!r} in this workspace." in said
    assert not tab.page.evaluate(MADE)


def test_the_text_on_the_screen_is_the_text_of_the_mail(tab: Tab, hostile: str) -> None:
    tab.go("data", hostile)
    tab.choose_row(2)
    expect(tab.text("Quoted from an earlier mail")).to_be_visible()
    head, *rest = written(tab)
    number = int(re.findall(r"^Id: +(\d+) ", head, re.MULTILINE)[0])
    body = body_of(number)
    parts = quoted.split_quotes(body)
    assert [part.kind for part in parts] == [quoted.OWN, quoted.QUOTED, quoted.OWN]
    shown = [hidden.make_visible(part.text).strip("\n") for part in parts]
    assert [text.strip("\n") for text in rest[:3]] == shown
    for expander in tab.page.get_by_test_id("stExpander").filter(visible=True).all():
        if "Quoted" in expander.inner_text() or "Headers" in expander.inner_text():
            tab.click(expander.locator("summary"))
    look(tab)
    with tab.page.expect_download() as saved:
        tab.click(tab.page.get_by_role("button", name="Whole text").first)
    assert re.fullmatch(r"[\w-]+\.txt", saved.value.suggested_filename)
    assert Path(saved.value.path()).read_bytes() == body.encode()
    tab.click(tab.page.get_by_text("HTML source", exact=True))
    expect(tab.text("<form action=")).to_be_visible()
    look(tab)
