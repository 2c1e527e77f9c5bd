"""Two people, or two tabs of one, do not disturb each other."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.mails import mails

from .conftest import DONE, Tab


def test_two_tabs_work_on_two_projects_at_once(new_tab: Callable[[], Tab]) -> None:
    tabs = {"left": new_tab(), "right": new_tab()}
    sizes = {"left": 80, "right": 120}
    for name, tab in tabs.items():
        tab.go("data")
        content = mails(sizes[name]).to_csv(index=False).encode()
        tab.upload("Labelled mails", f"{name}.csv", content)
    for name, tab in tabs.items():
        expect(tab.text(f"{sizes[name]} mails")).to_be_visible()
        tab.visit("Split")
    for tab in tabs.values():
        tab.press("Divide the mails")
    for tab in tabs.values():
        expect(tab.text("sealed")).to_be_visible()
        tab.visit("Train")
    for tab in tabs.values():
        tab.press("Train the baseline")
    for tab in tabs.values():
        expect(tab.text(DONE)).to_be_visible()
    for name, tab in tabs.items():
        assert tab.project == name
        tab.visit("Runs")
        tab.choose_row(0)
        expect(tab.text("logistic-1")).to_be_visible()
        tab.visit("Data")
        sealed = sizes[name] * 15 // 100
        assert abs(tab.number("Mails") - (sizes[name] - sealed)) <= 2
