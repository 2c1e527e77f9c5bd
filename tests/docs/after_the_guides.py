"""What the guides added, looked at in the copy of the project where `test_guides` followed them.

Pytest does not collect this file by its name; `test_guides` runs it there.
"""

import doctest
import importlib
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline import cli
from pipeline.errors import BadFile
from pipeline.evaluation.figures import compute_counted_figures
from pipeline.features import FEATURES
from pipeline.intake import read_dataset
from pipeline.intake.formats import FORMATS, detect_format
from pipeline.project import Project
from tests.mails import mails, raw_mails

HEADER = "% made up\n@RELATION mails\n@attribute text string\n@attribute 'the label' {ham,spam}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """120 mails as ARFF, the first of them with a comma and an apostrophe."""
    rows = [f"'{mail.body}, isn\\'t it',{mail.label}" for mail in mails(120).itertuples()]
    path = tmp_path / "mails.arff"
    path.write_text(HEADER.removeprefix("% made up\n") + "@data\n" + "\n".join(rows))
    return path


def test_followed_a_model_is_trained_on_a_file_of_the_new_format(
    database: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["train", str(file), "--model", "centroids", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["model"] == "centroids"
    figures = printed["validation"]
    assert figures["f1"] > 0.8
    assert figures["fm"] == pytest.approx((figures["precision"] * figures["recall"]) ** 0.5)


def test_followed_the_format_is_known_and_says_what_is_wrong(file: Path, tmp_path: Path) -> None:
    assert detect_format(file) == "arff"
    dataset = read_dataset(file).dataset
    assert dataset.counts == {"ham": 60, "spam": 60}
    assert all(body.endswith(", isn't it") for body in dataset.frame["body"])
    ragged = tmp_path / "ragged.arff"
    ragged.write_text(file.read_text() + "\n'half a mail'\n")
    assert "has 1 value; expected 2" in read_dataset(ragged).left_out["reason"].iloc[0]
    empty = tmp_path / "empty.arff"
    empty.write_text("@relation mails\n@data\n")
    with pytest.raises(BadFile, match="declares no column"):
        read_dataset(empty)
    assert [f.kind for f in FORMATS][3] == "arff"


def test_followed_the_figure_is_the_geometric_mean() -> None:
    figures = compute_counted_figures(8, 2, 88, 2)
    assert float(figures["fm"]) == pytest.approx(0.8)


def test_followed_the_block_counts_tags_where_they_are_known() -> None:
    frame = raw_mails(40)
    frame.loc[0, "html"] = "<p><img src='a.png'><img src='b.png'></p>"
    block = FEATURES["markup"]().fit(frame)
    tags, pictures, is_missing = block.transform(frame.head(1)).toarray()[0]
    assert tags > 0
    assert pictures > 0
    assert is_missing == 0
    table = block.transform(frame.drop(columns=["headers", "html", "attachments", "reading"]))
    assert (table.toarray()[:, 2] > 0).all()


def test_followed_the_page_shows_the_senders(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = AppTest.from_file(str(Path(__file__).parents[2] / "dashboard" / "app.py"))
    app.query_params["project"] = project.name
    app.run(timeout=60)
    app.switch_page("app_pages/senders/page.py").run(timeout=60)
    assert not app.exception
    assert app.title[0].value == "Senders"
    assert {"anna@example.org", "shop@example.com"} <= set(app.dataframe[0].value["sender"])


def test_followed_the_example_in_a_docstring_runs() -> None:
    module = importlib.import_module("pipeline.mail.senders")
    assert doctest.testmod(module).failed == 0
