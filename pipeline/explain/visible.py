"""Reads one mail, if it is visible."""

import pandas as pd

from pipeline.errors import BadData, Sealed
from pipeline.mail.mails import Mails
from pipeline.project import Project

SEALED = "this mail is in the test part, whose mails are not shown; choose another."


def read_visible_mail(project: Project, mail_id: str) -> pd.DataFrame:
    """Read a mail of train or validation, or of the opened test part, as a frame of one row.

    Raises Sealed for a mail of a sealed test part, BadData for an unknown one.
    """
    fingerprint, split = project.settings.dataset, project.split
    if not fingerprint:
        raise BadData("there are no mails yet; import a file first.")
    hidden = split.test if split and not project.seal.is_opened() else ()
    if mail_id in set(hidden):
        raise Sealed(SEALED)
    mail = Mails(project.mails.path_of(fingerprint), hidden).take([mail_id])
    if mail.empty:
        raise BadData(f"there is no mail {mail_id!r} among these mails; choose another.")
    return mail
