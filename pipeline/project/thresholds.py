"""The user's rule for the thresholds of a project's runs."""

from pipeline.errors import expect
from pipeline.project.project import Project
from pipeline.specs import ThresholdSpec


def choose_threshold(project: Project, spec: ThresholdSpec, run_id: str | None = None) -> None:
    """Choose the rule for all runs; with a `run_id`, set that run's threshold by hand."""
    if run_id is None:
        project.change(threshold_rule=spec.to_dict())
        return
    expect(spec.rule == "hand", "rule", "'hand' for one run", spec.rule)
    settings = project.settings
    before = settings.threshold_spec()
    # runs that nobody has set since keep the former threshold for all runs
    common = before if before.rule == "hand" else ThresholdSpec("hand")
    project.change(
        threshold_rule=common.to_dict(),
        thresholds_by_hand={**settings.thresholds_by_hand, run_id: [spec.value, spec.unsure]},
    )
