"""Finds classes with declared parameters by name, and builds objects of them."""

import importlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeVar

from pipeline.errors import BadSpec
from pipeline.parameters.fields import Parametrized, list_parameters

T = TypeVar("T", bound=Parametrized)


class Registry(MutableMapping[str, type[T]], Generic[T]):
    """Classes with declared parameters, by name.

    A module is imported when its class is first used. Listing the names imports nothing, so that
    the command line can print them at once.

    Args:
        noun: what an error message calls an entry.
        places: "module:Class" by name.
        stand_in: "module:Class" that `describe` uses for an unknown name.
    """

    def __init__(
        self,
        noun: str,
        places: Mapping[str, str],
        stand_in: str = "pipeline.parameters:Parametrized",
    ) -> None:
        self.noun = noun
        self.stand_in = stand_in
        self._entries: dict[str, str | type[T]] = dict(places)

    def __getitem__(self, name: str) -> type[T]:
        entry = self._entries[name]
        if isinstance(entry, str):
            entry = self._entries[name] = _import_class(entry)
        return entry

    def __setitem__(self, name: str, entry: type[T]) -> None:
        self._entries[name] = entry

    def __delitem__(self, name: str) -> None:
        del self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:  # the mixin's would import the module
        return name in self._entries

    def describe(self, name: str) -> type[T]:
        """Return the class of a name, whose class attributes describe it.

        A name that only another version knows, in a run of that version, gets a stand-in that has
        the name for its title.

        >>> Registry("sample", {}).describe("unheard of").title
        'unheard of'
        """
        if name in self:
            return self[name]
        stand_in: type[T] = _import_class(self.stand_in)
        return type(stand_in.__name__, (stand_in,), {"title": name})

    def build(self, name: str, values: Mapping[str, Any], **rest: Any) -> T:
        """Build an object of the class; raises BadSpec for an unknown name, parameter or value.

        Args:
            values: the values of parameters; the others have their default.
            rest: the other arguments of the constructor.
        """
        if name not in self:
            raise BadSpec(f"{self.noun}: expected one of {', '.join(self)}, received {name!r}.")
        known = list_parameters(self[name])
        for parameter in values:
            if parameter not in known:
                only = ", ".join(sorted(known)) or "no parameter"
                raise BadSpec(f"{name}: expected only {only}, received {parameter!r}.")
        return self[name](**values, **rest)


def _import_class(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
