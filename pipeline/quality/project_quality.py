"""What is wrong with a project's mails, and the version of them that a remedy makes."""

from dataclasses import replace

from pipeline.errors import BadData
from pipeline.project import Project, correct_mails, find_visible_pairs
from pipeline.quality import Quality, remedies, report
from pipeline.quality.remedies import Remedy


def report_quality(project: Project) -> Quality:
    """What is wrong with the mails that may be looked at; raises BadData without any.

    Near-duplicates are reported once somebody looked for them (`find_pairs`).
    """
    visible = project.mails.visible()
    if visible is None:
        raise BadData("there are no mails yet; import a file first.")
    searched = project.mails.pairs_path.exists()
    return report(visible, find_visible_pairs(project) if searched else None)


def apply_remedy(project: Project, remedy: Remedy) -> None:
    """Make the version of the visible mails that a remedy gives; see `correct_mails`."""
    visible = project.mails.visible()
    if visible is None:
        raise BadData("there are no mails to correct yet; import a file first.")
    mended = remedies.apply(visible, remedy)
    correct_mails(project, replace(mended, parent=project.settings.dataset))
