"""The errors of a run, with the reasons that mails give for them."""

import pandas as pd

from dashboard.cache.cached import ENTRIES, cached, review_version, rules_version
from dashboard.cache.work import on_worker
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.reports import error_report
from pipeline.reports.error_report import ErrorReport
from pipeline.runs.store import Run


@cached(entries=8, shared=True, spinner="Collecting the errors …", version=review_version)
def errors(
    project: Project, run: Run, point: OperatingPoint, others: dict[str, tuple[str, OperatingPoint]]
) -> pd.DataFrame:
    """Tabulate the errors of a usable run; `others` are further runs by id and operating point."""
    reasons = _mail_reasons(project)
    return on_worker(error_report.tabulate_errors, project, run, point, others, reasons)


@cached(entries=8, shared=True, spinner="Grouping the errors …", version=rules_version)
def errors_report(project: Project, run: Run) -> ErrorReport:
    """Group the errors of a usable run and give reasons for them; see `build_error_report`."""
    return on_worker(error_report.build_error_report, project, run, _mail_reasons(project))


@cached(entries=ENTRIES, shared=True, spinner="Asking each mail for reasons …")
def _mail_reasons(project: Project) -> pd.DataFrame:
    return on_worker(error_report.compute_mail_reasons, project)
