"""Two runs are compared, and a mail that one of them broke is read."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.mails import mails

from .conftest import Server, Tab


def test_a_broken_mail_opens_below_its_row(server: Server, tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    frame = mails(240)
    frame.to_csv(file, index=False)
    for model in ("logistic", "majority"):
        server.spamlab("train", file, "--project", "compared", "--model", model)
    tab.go("compare", "compared")
    expect(
        tab.text(re.compile("majority-1 is worse than logistic-1: −.* points of F1"))
    ).to_be_visible()
    expect(tab.text(re.compile(r"Broken \("))).to_be_visible()
    broken = int(re.findall(r"Broken \((\d+)\)", tab.main())[0])
    assert broken > 10
    tab.click(tab.page.get_by_text(f"Broken ({broken})"))
    expect(tab.text(re.compile(rf"^{broken} mails, the score that moved most"))).to_be_visible()
    tab.choose_row(2, table=-1)
    expect(tab.text("P(spam) by majority-1")).to_be_visible()
    shown = re.findall(r"Id:\s+(\S+)", tab.main())[0]
    mail = frame[frame["id"] == shown].iloc[0]
    assert mail["label"] == "ham"  # all that a filter that calls everything spam can break
    expect(tab.text(mail["subject"])).to_be_visible()
    tab.page.reload()
    expect(tab.text(re.compile("majority-1 is worse"))).to_be_visible()
