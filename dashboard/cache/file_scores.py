"""The scores of mails without labels."""

from pathlib import Path

import pandas as pd
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.cache.cached import cached, seal_version
from dashboard.cache.project_runs import bundle_path
from dashboard.cache.work import on_worker
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.export import scoring
from pipeline.project import Project, uploads


@cached(entries=4, version=seal_version)
def file_scores(
    project: Project, run_id: str, point: OperatingPoint, file: UploadedFile
) -> pd.DataFrame:
    """Score the mails of an uploaded file: id, score, label; sealed mails get no score."""
    name, sealed = f"score-{Path(file.name).name}", project.seal.sealed_texts()
    with uploads.temporary_file(project, name, file.getbuffer()) as path:
        return on_worker(scoring.score_file, bundle_path(run_id), path, point, sealed)
