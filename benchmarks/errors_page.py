"""How long the Errors page takes for each filter, on a simulated project of many validation mails.

Run it with ``python -m benchmarks.errors_page [mails]``; it prints a table and writes
errors_page.json beside itself. A figure is the median of three whole runs of the page's script, in
seconds, with another value each time so that nothing is cached; "processor" is the time of the
processor, which other programs on the machine do not lengthen.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from benchmarks.results import write_figures
from pipeline.project import Project, divide_mails

N = 50_000
TRAIN = 2000
TAGGED = 10_000
APP = Path(__file__).parents[1] / "dashboard" / "app.py"


def simulated(n: int) -> pd.DataFrame:
    """Train and validation mails of some 1,500 characters, from the tests' generator."""
    from tests.mails import HAM, SHARED, SPAM, mails

    frame = mails(n + TRAIN, seed=1)
    dice = random.Random(1)
    words = [*SHARED, *HAM, *SPAM, *(f"word{i}" for i in range(5000))]
    frame["body"] += [" " + " ".join(dice.choices(words, k=200)) for _ in range(len(frame))]
    frame["sender"] = [
        f"p{dice.randrange(9000)}@d{dice.randrange(900)}.example" for _ in range(len(frame))
    ]
    frame["part"] = ["train"] * TRAIN + ["validation"] * n
    frame.loc[:199, "part"] = "test"
    return frame


def project(n: int) -> str:
    """A project with two runs of the baseline and many tagged mails; its name."""
    from pipeline.project import marks, uploads
    from pipeline.specs import ModelSpec, SplitSpec
    from pipeline.training import train

    name = "many"
    file = simulated(n).drop(columns="group").to_csv(index=False).encode()
    made = uploads.start_project(name, {"mails.csv": file})
    assert uploads.read_upload(name).problem is None
    divide_mails(made, SplitSpec(strategy="column", column="part"))
    for kind in ("logistic", "naive_bayes"):
        train.train_run(train.create_run(made, ModelSpec(kind)))
    ids = made.mails.reader().heads["id"]
    kept = {
        mail_id: {"tags": [f"tag {i % 50}"], "note": "", "text": ""}
        for i, mail_id in enumerate(ids.iloc[:TAGGED])
    }
    (made.path / marks.FILE).write_text(json.dumps(kept), encoding="utf-8")
    return name


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N
    with tempfile.TemporaryDirectory() as home:
        os.environ["SPAMLAB_HOME"] = home
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        from streamlit.testing.v1 import AppTest

        from dashboard import cache
        from tests.dashboard.conftest import InlineJobs

        cache.jobs = InlineJobs  # type: ignore[assignment]
        name = project(n)
        app = AppTest.from_file(str(APP), default_timeout=600)
        app.query_params["project"] = name
        app.run()
        figures = {"first time": [timed(lambda: app.switch_page("app_pages/errors/page.py").run())]}
        kind = app.segmented_control(key="errors_kind")
        steps: dict[str, list[Callable[[], object]]] = {
            "kind": [lambda k=k: app.segmented_control(key="errors_kind").set_value(k).run()
                     for k in ("False positives", "Correct ham", "All mails")],
            "words": [lambda w=w: app.text_input(key="errors_find").set_value(w).run()
                      for w in ("lottery", "word17", "budget")],
            "words away": [lambda: app.text_input(key="errors_find").set_value("").run()],
            "regular expression": [lambda w=w: (app.toggle(key="errors_pattern").set_value(True),
                                   app.text_input(key="errors_find").set_value(w).run())
                                   for w in (r"word\d+ the", "(lunch|agenda) .*win", r"\bw.*9$")],
            "hostile expression": [lambda w=w: app.text_input(key="errors_find").set_value(w).run()
                                   for w in ("(a*)*(a*)*(a*)*b", "(x+x+)+y", "(.*)(.*)(.*)z{99}q")],
            "expression away": [lambda: app.text_input(key="errors_find").set_value("").run()],
            "sender": [lambda w=w: app.text_input(key="errors_sender").set_value(w).run()
                       for w in ("d17.", "p1", "")],
            "tag": [lambda w=w: app.selectbox(key="errors_tag").set_value(w).run()
                    for w in ("tag 3", "no tag", None)],
            "next": [lambda: app.button(key="errors_next").click().run()] * 3,
            "tag a mail": [lambda: app.button(key="errors_tag_last").click().run()] * 3,
        }  # fmt: skip
        assert kind.value
        for step, calls in steps.items():
            figures[step] = [timed(call) for call in calls]
            assert not app.exception, step
        from pipeline.mail import mail_files

        some = cache.mails(Project(name))
        frame = some.take(list(some.heads["id"].iloc[: mail_files.MOST_MAILS]))
        figures[f"{len(frame):,} mails as .mbox"] = [timed(lambda: mail_files.build_mbox(frame))]
    rows = {
        step: {"seconds": round(statistics.median(t[0] for t in times), 3),
               "processor": round(statistics.median(t[1] for t in times), 3)}
        for step, times in figures.items()
    }  # fmt: skip
    print(pd.DataFrame(rows).T.to_string())
    written = {"validation_mails": n, "tagged": TAGGED, "steps": rows}
    write_figures(Path(__file__).with_suffix(".json"), written)


if __name__ == "__main__":
    main()
