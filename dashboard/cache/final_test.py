"""The results on the opened test part."""

import pandas as pd

from dashboard.cache.cached import cached, seal_version
from dashboard.cache.work import on_worker
from pipeline.mail.mails import Mails
from pipeline.project import Project
from pipeline.reports import final_test
from pipeline.vault.ledger import Opening


@cached(entries=8, shared=True, spinner="Comparing test and validation …", version=seal_version)
def final_report(project: Project, opening: Opening) -> final_test.Report:
    """Compare the opened test part with validation; see `final_test.build_report`."""
    return on_worker(final_test.build_report, project)


@cached(entries=4, spinner="Collecting the errors …", version=seal_version)
def final_errors(project: Project, opening: Opening) -> pd.DataFrame:
    """List the misclassified mails of the opened test part."""
    return on_worker(final_test.list_errors, project)


@cached(entries=4, shared=True, version=seal_version)
def opened_mails(project: Project, opening: Opening) -> Mails:
    """Return a reader of all mails, with those of the opened test part."""
    return final_test.read_mails(project)
