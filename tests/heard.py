"""A `Progress` that remembers what it was told."""

from pipeline.workspace.progress import WorkState


class Heard(list[WorkState]):
    def __call__(self, text: str, share: float, seconds_left: float | None = None, /) -> None:
        self.append(WorkState(text, share, seconds_left))

    @property
    def shares(self) -> list[float]:
        return [state.share for state in self]
