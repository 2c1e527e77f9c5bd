"""What took work outlives the server, and what was under way is said to be interrupted."""

import re
import signal

from playwright.sync_api import expect

from tests.mails import mails

from .conftest import DONE, EPOCH, Server, Tab

CONTENT = mails(300).to_csv(index=False).encode()


def test_a_training_that_dies_with_the_server_reads_interrupted(tab: Tab, server: Server) -> None:
    tab.go("data")
    tab.upload("Labelled mails", "restarted.csv", CONTENT)
    expect(tab.text("300 mails")).to_be_visible()
    project = tab.project
    tab.visit("Split")
    tab.press("Divide the mails")
    expect(tab.text("sealed")).to_be_visible()
    tab.visit("Train")
    tab.press("Train the baseline")
    expect(tab.text(DONE)).to_be_visible()
    tab.train_network(epochs=1000, patience=1000)
    expect(tab.text(EPOCH)).to_be_visible()
    expect(tab.page.get_by_test_id("stPlotlyChart").first).to_be_visible()

    server.end(signal.SIGKILL)
    server.start()
    tab.complaints.clear()  # the tab could not reach the server for a moment
    tab.go("train", project)
    expect(tab.text(re.compile("mlp-1.*interrupted"))).to_be_visible()
    expect(tab.page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    tab.train_network(epochs=2)
    # the new processes import TensorFlow first, beside the other tests
    expect(tab.text(re.compile("mlp-2.*finished"))).to_be_visible(timeout=300_000)
    tab.choose("Run", "logistic-1")
    expect(tab.text(re.compile("logistic-1.*finished"))).to_be_visible()
    tab.go()
    expect(tab.page.get_by_role("link", name="restarted")).to_be_visible()
    tab.complaints.clear()
