"""The portable model: one file with the whole pipeline, and no pickle in it.

A ``.spamlab`` file is a safetensors file: all arrays of the features and the model, and in its
metadata one JSON text with the specs, the threshold, where it came from and how good it was.
Loading one runs no code from it, and scoring imports neither TensorFlow nor MLflow.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from pipeline import features, models
from pipeline.errors import BadModel, BadSpec, SpamlabError
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.features.union import Features
from pipeline.models.model import Model
from pipeline.specs import FeatureSpec, ModelSpec

FORMAT = 2
"""The version of the file format. It rises when an older Spamlab could not read new files; version
2 changed hashing and calibration."""


@dataclass(frozen=True)
class Bundle:
    """A trained pipeline: mails in, P(spam) out.

    Attributes:
        point: decides which scores are called spam or unsure.
        about: facts for whoever opens the file: run, fingerprints of data and split, versions,
            validation figures, and in an exported model the model card in Markdown.
    """

    features: Features = field(repr=False)
    model: Model = field(repr=False)
    feature_spec: FeatureSpec
    model_spec: ModelSpec
    point: OperatingPoint
    about: dict[str, Any] = field(default_factory=dict, repr=False)

    def score(self, frame: pd.DataFrame) -> np.ndarray:
        """Compute P(spam) of each row of a frame with the columns of `pipeline.mail.dataset`."""
        return self.model.score(self.features.transform(frame))

    def at(self, point: OperatingPoint) -> Self:
        """Return the same pipeline at another operating point."""
        return replace(self, point=point)

    def with_about(self, **more: Any) -> Self:
        """Return the same pipeline with more facts in `about`."""
        return replace(self, about={**self.about, **more})

    def to_bytes(self) -> bytes:
        """Return the content of a ``.spamlab`` file."""
        from safetensors.numpy import save

        arrays = {f"features.{k}": v for k, v in self.features.state().items()}
        arrays |= {f"model.{k}": v for k, v in self.model.state().items()}
        header = {
            "format": FORMAT,
            "features": self.feature_spec.to_dict(),
            "model": self.model_spec.to_dict(),
            **self.point.to_dict(),
            "labels": {"0": "ham", "1": "spam"},
            "about": self.about,
        }
        contiguous = {k: np.ascontiguousarray(v) for k, v in arrays.items()}
        return save(contiguous, metadata={"spamlab": json.dumps(header)})

    def save(self, path: Path) -> None:
        """Write the file."""
        path.write_bytes(self.to_bytes())

    @classmethod
    def from_bytes(cls, content: bytes, name: str = "the file") -> Self:
        """Read the content of a ``.spamlab`` file; raises BadModel, which names the fault."""
        header, arrays = _open(content, name)
        if header.get("format") != FORMAT:
            raise BadModel(
                f"{name}: this Spamlab reads model format {FORMAT}, received "
                f"{header.get('format')!r}; use the version that wrote it, or export it again."
            )
        try:
            feature_spec = FeatureSpec.from_dict(header["features"])
            model_spec = ModelSpec.from_dict(header["model"])
            fitted = features.build(feature_spec).restore(_below("features.", arrays))
            model = models.build(model_spec).restore(_below("model.", arrays))
            bundle = cls(
                fitted,
                model,
                feature_spec,
                model_spec,
                _read_point(header),
                dict(header["about"]),
            )
            _try(bundle)
        except SpamlabError:
            raise
        except Exception as error:
            raise BadModel(
                f"{name}: a Spamlab model was expected, but its parts do not fit together "
                f"({type(error).__name__}); export the model again."
            ) from error
        return bundle

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file; raises BadModel when it is not a whole Spamlab model."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadModel(f"{path}: the model file cannot be read ({error.strerror}).") from error
        return cls.from_bytes(content, path.name)


def _open(content: bytes, name: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    import struct

    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(content)
        (size,) = struct.unpack("<Q", content[:8])
        header = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["spamlab"])
        if not isinstance(header, dict):
            raise TypeError("the header is not an object")
        return header, arrays
    except (
        SafetensorError,
        struct.error,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
    ) as error:
        # checked only after reading failed: the length that starts a good file can look like these
        if content[:1] == b"\x80" or content[:2] == b"PK":
            raise BadModel(
                f"{name}: a .spamlab model was expected, received a pickle or zip file; such files "
                "can run code and are never opened. Export the model with Spamlab."
            ) from error
        raise BadModel(
            f"{name}: a .spamlab model was expected, but the file is cut short or something else; "
            "download or export it again."
        ) from error


def _read_point(header: dict[str, Any]) -> OperatingPoint:
    try:
        return OperatingPoint.from_dict(header)
    except BadSpec as error:
        raise ValueError("threshold or band out of range") from error


def _below(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}


def _try(bundle: Bundle) -> None:
    """Score two mails, so that arrays that do not fit raise an error now and not later."""
    mails = pd.DataFrame({"subject": ["", "a subject"], "body": ["", "and a body"]})
    mails = mails.assign(sender=None, date=pd.NaT)
    scores = bundle.score(mails)
    if not np.isfinite(scores).all():
        raise ValueError("scores out of range")
