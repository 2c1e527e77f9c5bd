"""Gives a project other mails or another split: by an import, a correction, a return to an older
version or a division.

The files of the new mails and the new split are written first, the entry in the ledger next, and
the settings that name both last. A process that dies in between leaves the project as it was, or
with a ledger that records more than has happened, but never with an opened test part that counts
as sealed.
"""

import json
from typing import Any

import pandas as pd

from pipeline.errors import BadData
from pipeline.mail.dataset import LABELS, Dataset
from pipeline.project.mails import left_out_path, split_path
from pipeline.project.near_duplicates import find_pairs
from pipeline.project.project import Project
from pipeline.project.versions import new_entry
from pipeline.specs import PARTS, SplitSpec
from pipeline.splits import Split, carry_split, make_split
from pipeline.vault import seal, select_unsealed
from pipeline.workspace.folder import replacing, write_text


def import_dataset(
    project: Project, dataset: Dataset, left_out: pd.DataFrame, **settings: Any
) -> None:
    """Make a dataset the present one; the split of other mails is dropped."""
    with replacing(project.mails.path_of(dataset.fingerprint)) as path:
        dataset.save(path)
    import_stored(project, dataset.fingerprint, dataset.counts, left_out, **settings)


def import_stored(
    project: Project,
    fingerprint: str,
    counts: dict[str, int],
    left_out: pd.DataFrame,
    **settings: Any,
) -> None:
    """Do the same as `import_dataset` for a file that is in place (`ProjectMails.path_of`)."""
    with replacing(left_out_path(project.path, fingerprint)) as path:
        left_out.to_parquet(path, index=False)
    before = project.settings.dataset
    if before == fingerprint:
        project.change(**settings)
        return
    if before:
        _note_exchange(project, "other mails were taken in", fingerprint)
    project.change(
        dataset=fingerprint,
        counts=counts,
        split=None,
        sizes=None,
        threshold=None,
        versions=[new_entry(fingerprint)],
        **settings,
    )


def correct_mails(project: Project, dataset: Dataset) -> None:
    """Make a corrected version of the mails the present one; the older version stays, and
    `return_to_version` brings it back.

    The sealed test mails are carried over untouched, and so is the split: the same test part, and
    train and validation without the mails that were dropped.

    Args:
        dataset: `ProjectMails.visible` after the correction. Its `parent` is the present
            fingerprint, and its `correction` a sentence that says what was corrected.

    Raises:
        BadData: if the dataset corrects another version, contains mails that were not visible, or
            has no `correction`.
        Sealed: if the test mails are not those that were sealed.
    """
    whole, split = project.mails.complete(), project.split
    if whole is None:
        raise BadData("there are no mails to correct yet; import a file first.")
    if dataset.parent != whole.fingerprint:
        raise BadData(
            f"this correction is of version {dataset.parent}, but the present mails are version "
            f"{whole.fingerprint}; make it again."
        )
    if not dataset.correction:
        raise BadData("a correction needs a sentence that says what was done.")
    if strange := set(dataset.frame["id"]) - set(select_unsealed(whole.frame, split)["id"]):
        raise BadData(
            "a correction may change or drop the visible mails and must not add others; "
            f"{len(strange):,} of its mails are not visible ones."
        )
    if split is not None:
        seal.verify_seal(project.seal._vault(split), whole, split)
    frame = dataset.frame if split is None else _with_sealed(dataset.frame, whole, split)
    corrected = Dataset(project.name, frame, whole.fingerprint, dataset.correction)
    if corrected.fingerprint == whole.fingerprint:
        return
    dataset.require_enough_mails()  # counting all mails would tell how many are sealed
    with replacing(project.mails.path_of(corrected.fingerprint)) as path:
        corrected.save(path)
    left_out = project.mails.left_out()
    with replacing(left_out_path(project.path, corrected.fingerprint)) as path:
        left_out.to_parquet(path, index=False)
    carried = split and carry_split(split, corrected.frame["id"])
    entry = new_entry(corrected.fingerprint, corrected.parent, corrected.correction, carried)
    others = [v for v in _entries(project) if v["fingerprint"] != corrected.fingerprint]
    _make_present(project, corrected, carried, [*others, entry])


def _with_sealed(corrected: pd.DataFrame, whole: Dataset, split: Split) -> pd.DataFrame:
    """Return the corrected mails with the sealed ones among them, each where it was before."""
    sealed = whole.frame[whole.frame["id"].isin(set(split.test))]
    frame = pd.concat([corrected, sealed.reindex(columns=corrected.columns)])
    place = pd.Series(range(len(whole.frame)), index=whole.frame["id"])
    frame = frame.iloc[place[frame["id"]].to_numpy().argsort()].reset_index(drop=True)
    return frame.astype(corrected.dtypes.to_dict())


def return_to_version(project: Project, fingerprint: str) -> None:
    """Make an older version of the mails the present one again, with its split.

    The present split is carried over to a version that had none. If that version has mails that
    were never divided, the split is dropped: a mail that comes back may be a copy of a sealed one.
    If the test part was opened, and its mails have other labels or texts in that version or are no
    longer the test part, the project continues as another version. Raises BadData for an unknown
    version.
    """
    entries = _entries(project)
    entry = next((v for v in entries if v["fingerprint"] == fingerprint), None)
    if entry is None:
        raise BadData(f"there is no version {fingerprint!r} of these mails.")
    if fingerprint == project.settings.dataset:
        return
    dataset = Dataset.load(project.name, project.mails.path_of(fingerprint))
    split, whole = project.split, project.mails.complete()
    if split is not None:
        own = entry.get("split")
        kept = Split.load(split_path(project.path, own)) if own else None
        if kept and kept.test == split.test:
            spec = SplitSpec.from_dict(entry["spec"])
            split = Split(spec, kept.train, kept.validation, kept.test)
        else:
            divided = {*split.train, *split.validation, *split.test}.issuperset(dataset.frame["id"])
            split = carry_split(split, dataset.frame["id"]) if divided else None
        if split is None:
            _note_exchange(project, "mails came back that were never divided", fingerprint)
        elif whole is not None and not seal.has_same_test_mails(whole, dataset, split):
            _note_exchange(project, "its test mails have other labels or texts", fingerprint)
    _make_present(project, dataset, split, entries)


def divide_mails(project: Project, spec: SplitSpec) -> Split:
    """Divide the mails and seal the test part; the same spec gives the same split.

    Raises BadData if there are no mails or `splits.make_split` cannot divide them.
    """
    dataset = project.mails.complete()
    if dataset is None:
        raise BadData("a split needs mails; import a file first.")
    present = project.split
    if present is not None and present.spec == spec and project.seal._vault(present).exists():
        return present
    split = make_split(dataset, spec, find_pairs(project) if spec.strategy == "grouped" else None)
    if present is not None and present.fingerprint != split.fingerprint:
        _note_exchange(project, "the mails were divided anew", dataset.fingerprint)
    _make_present(project, dataset, split, _entries(project))
    return split


def _entries(project: Project) -> list[dict[str, Any]]:
    return [dict(entry) for entry in project.versions.entries()]


def _make_present(
    project: Project, dataset: Dataset, split: Split | None, entries: list[dict[str, Any]]
) -> None:
    """Make a dataset and a split the present ones, and store the entries of the versions."""
    counts = dataset.counts
    if split is not None:
        _write_split(project, dataset, split)
        shown = select_unsealed(dataset.frame, split)["label"].value_counts()
        counts = {label: int(shown.get(label, 0)) for label in LABELS}
    before, fingerprint = project.settings, split and split.fingerprint
    # a threshold set by hand was set on other validation mails
    same, rule = before.split == fingerprint, before.threshold_rule
    reading = before.reading
    if split is not None and reading:
        # the count or the order of the words in the label column, minus those of the visible
        # mails, would tell the labels of the test part
        words, labels = sorted(reading["words"]), sorted(reading["labels"].items())
        reading = {**reading, "words": dict.fromkeys(words, 0), "labels": dict(labels)}
    for entry in entries:
        if entry["fingerprint"] == dataset.fingerprint:
            entry |= {"split": fingerprint, "spec": split and split.spec.to_dict()}
    project.change(
        dataset=dataset.fingerprint,
        counts=counts,
        split=fingerprint,
        sizes=split and {part: len(split.ids(part)) for part in PARTS},
        versions=entries,
        reading=reading,
        threshold=before.threshold if same else None,
        threshold_rule=rule if same or not rule or rule["rule"] != "hand" else None,
    )


def _write_split(project: Project, dataset: Dataset, split: Split) -> None:
    vault = project.seal._vault(split)
    before = vault.read_text(encoding="utf-8") if vault.exists() else None
    write_text(vault, seal.build_seal(dataset, split, before))
    path = split_path(project.path, split.fingerprint)
    write_text(path, json.dumps(split.to_dict()))


def _note_exchange(project: Project, why: str, dataset: str) -> None:
    """If the test part was opened, record that another one replaces it, and count the project's
    version up.
    """
    ledger = project.seal.ledger
    if ledger.opening() is not None:
        version = project.settings.project_version + 1
        ledger.record_change(version, dataset, why)
        project.change(project_version=version)
