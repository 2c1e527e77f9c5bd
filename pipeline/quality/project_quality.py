"""The quality report of a project's mails, and the version of them that a remedy makes."""

from dataclasses import replace

from pipeline.errors import BadData
from pipeline.project import Project, correct_mails, find_visible_pairs
from pipeline.quality import Quality, build_quality_report, remedies
from pipeline.quality.remedies import Remedy


def report_quality(project: Project) -> Quality:
    """Build the quality report of the unsealed mails; raises BadData if there are none.

    It covers near-duplicates only after `find_pairs` has searched for them.
    """
    visible = project.mails.visible()
    if visible is None:
        raise BadData("there are no mails yet; import a file first.")
    searched = project.mails.pairs_path.exists()
    return build_quality_report(visible, find_visible_pairs(project) if searched else None)


def apply_remedy(project: Project, remedy: Remedy) -> None:
    """Apply a remedy to the unsealed mails and make that a new version; see `correct_mails`."""
    visible = project.mails.visible()
    if visible is None:
        raise BadData("there are no mails to correct yet; import a file first.")
    corrected = remedies.apply_remedy(visible, remedy)
    correct_mails(project, replace(corrected, parent=project.settings.dataset))
