"""What the figures of a card cannot show, one sentence each, derived from its facts."""

from pipeline.models import MODELS
from pipeline.reports.model_card.facts import Facts
from pipeline.splits.size import WIDE, compute_recall_width, compute_smallest_rate
from pipeline.wording import format_count


def list_limits(facts: Facts) -> list[str]:
    """List the limits as sentences, those of the figures first."""
    return [*_of_size(facts), *_of_choosing(facts), *_of_data(facts), *_of_chance(facts)]


def _of_size(facts: Facts) -> list[str]:
    ham, spam = int(facts.figures["n_ham"]), int(facts.figures["n_spam"])
    sentences = []
    if not facts.figures["false_positives"]:
        sentences.append(
            f"None of the {format_count(ham, 'ham mail')} of validation was called spam. That "
            f"shows only that at most about 1 ham in {1 / compute_smallest_rate(ham):,.0f} is lost "
            "(95%, the rule of three), not that none is."
        )
    if (width := compute_recall_width(spam)) > WIDE:
        sentences.append(
            f"With {format_count(spam, 'spam mail')} in validation, a recall of 90% is known to "
            f"within an interval of {100 * width:.0f} points only."
        )
    if not facts.clustered:
        sentences.append(
            "Nobody looked for near-duplicates among these mails, so every mail counts as one of "
            "its own; if there are copies, the intervals are too narrow."
        )
    return sentences


def _of_choosing(facts: Facts) -> list[str]:
    sentences = [
        "Threshold and calibration, and what else was compared between runs, were chosen on the "
        "validation mails, so the validation figures are somewhat too good."
    ]
    if facts.test is None:
        sentences.append(
            "The test part was opened for another run; for this one nobody has measured on mails "
            "that had no part in choosing."
            if facts.opened
            else "The test part has not been opened for this run, so no figure here is of mails "
            "that had no part in choosing."
        )
    if facts.run.after_test:
        sentences.append(
            "This run was made after the test part had been opened, by somebody who may know it: "
            "no later figure on those mails is an honest one."
        )
    for overlap in facts.known:
        sentences.append(
            f"{format_count(overlap.mails, 'mail')} of the test part had been opened before, on "
            f"{overlap.time[:10]} in project {overlap.project}."
        )
    return sentences


def _of_data(facts: Facts) -> list[str]:
    sentences = []
    if len(facts.files) == 1:
        sentences.append(
            f"All mails come from one file, {facts.files[0]}: how the filter does on mail of other "
            "people or places was not measured."
        )
    if facts.split is not None and facts.split.spec.strategy != "time":
        sentences.append(
            "Train and validation are from the same time. Spam changes; on mail to come the "
            "figures fall, by how much only a split by time can show."
        )
    if facts.crossings is not None and (twins := len(facts.crossings.twins)):
        sentences.append(
            f"{format_count(twins, 'validation mail')} {'has' if twins == 1 else 'have'} a copy or "
            "a near-duplicate in train and may be known by heart."
        )
    return sentences


def _of_chance(facts: Facts) -> list[str]:
    if MODELS.describe(facts.run.kind).role != "network":
        return []
    return [
        f"The network was trained once, with seed {facts.run.spec.model.seed}. Another seed gives "
        "other weights and somewhat other figures, which the intervals do not count."
    ]
