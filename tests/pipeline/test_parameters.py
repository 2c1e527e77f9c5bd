"""A parameter is declared once; everything else agrees with the declaration."""

import dataclasses
import doctest
import inspect
import re
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import parameters
from pipeline.errors import BadSpec
from pipeline.features import FEATURES
from pipeline.models import MODELS
from pipeline.parameters import (
    Choice,
    Flag,
    Names,
    Numbers,
    Parameter,
    Parametrized,
    Registry,
    choice,
    flag,
    format_number,
    list_parameters,
    names,
    number,
    numbers,
    read_assignment,
    whole_number,
)
from tests.wrong_values import wrong_values

OWNERS = {**{k: MODELS[k] for k in MODELS}, **{k: FEATURES[k] for k in FEATURES}}
EVERY = [(kind, name) for kind, owner in OWNERS.items() for name in list_parameters(owner)]
WORDS = {"label": "Amount", "help": "How much there is."}


@dataclass(eq=False)
class Sample(Parametrized):
    """One parameter of each kind.

    Args:
        seed: not a parameter.
    """

    whole: int = whole_number(3, 1, 10, unit="mails", **WORDS)
    share: float = number(0.5, 0.001, 1, **WORDS)
    maybe: float | None = number(None, 0, 10, when_empty="chosen", **WORDS)
    word: str = choice("a", ("a", "b"), **WORDS)
    yes: bool = flag(True, **WORDS)
    sizes: tuple[int, ...] = numbers((4,), 1, 99, most=3, example="4, 2", **WORDS)
    lengths: tuple[int, ...] = numbers((2, 1), 1, 8, most=2, example="1", distinct=True, **WORDS)
    fields: tuple[str, ...] = names(("To", "from"), "[A-z]+", plural="names", example="to", **WORDS)
    seed: int = 0


KNOWN = list_parameters(Sample)


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(parameters).failed == 0


def test_a_value_is_kept_as_one_spec_has_it() -> None:
    assert Sample().parameters() == {
        "whole": 3, "share": 0.5, "maybe": None, "word": "a", "yes": True, "sizes": [4],
        "lengths": [1, 2], "fields": ["from", "to"],
    }  # fmt: skip
    kept = Sample(share=1, sizes=[2, 4, 2], lengths=[8, 3], fields=["X", "x", "cc"], maybe=2)
    assert isinstance(kept.share, float)
    assert (kept.sizes, kept.lengths, kept.fields) == ((2, 4, 2), (3, 8), ("cc", "x"))
    assert kept.maybe == 2.0
    assert Sample(**kept.parameters()).parameters() == kept.parameters()


@pytest.mark.parametrize("wrong", wrong_values(KNOWN), ids=str)
def test_a_wrong_value_is_refused_with_what_was_expected(wrong: dict) -> None:
    (name,) = wrong
    with pytest.raises(BadSpec, match=rf"^{name}: expected .+, received .+\.$") as refusal:
        Sample(**wrong)
    assert KNOWN[name].expected in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("whole=7", "whole", 7),
        (" share = 1e-2 ", "share", 0.01),
        ("maybe=", "maybe", None),
        ("maybe=None", "maybe", None),
        ("maybe=3", "maybe", 3.0),
        ("word=b", "word", "b"),
        ("yes=False", "yes", False),
        ("sizes=64, 2,64", "sizes", (64, 2, 64)),
        ("lengths=3,1", "lengths", (1, 3)),
        ("fields=Date,\nX", "fields", ("date", "x")),
        ("fields=", "fields", ()),
    ],
)
def test_an_assignment_is_read_as_what_it_is(text: str, name: str, value: object) -> None:
    read = read_assignment(text, KNOWN)
    assert read == (name, value)
    assert type(read[1]) is type(value)


@pytest.mark.parametrize(
    "text",
    ["whole", "whole=", "whole=1.0", "whole=eleven", "whole=11", "share=nan", "share=", "yes=1",
     "word=c", "sizes=", "sizes=1.5", "sizes=1;2", "lengths=1,1", "fields=a b", "other=1", "=1",
     "seed=1"],
)  # fmt: skip
def test_an_assignment_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(BadSpec, match=r"(?s)expected .+ received .+\.$"):
        read_assignment(text, KNOWN)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for name, parameter in KNOWN.items():
        try:
            read_assignment(f"{name}={text}", KNOWN)
        except BadSpec:
            continue
        assert parameter.accepts(parameter.read(text))


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_what_is_written_is_read_back(kind: str, name: str) -> None:
    parameter = list_parameters(OWNERS[kind])[name]
    for value in (parameter.default, *_extremes(parameter)):
        assert parameter.check(name, parameter.read(parameter.write(value))) == value


def _extremes(parameter: Parameter) -> list:
    match parameter:
        case Choice(choices=choices):
            return list(choices)
        case Flag():
            return [True, False]
        case Numbers(low=low, high=high):
            return [(low,), (low, high)]
        case Names():
            return [()]
    return [parameter.low, parameter.high]


@pytest.mark.parametrize("kind", OWNERS)
def test_a_model_or_block_says_what_it_is(kind: str) -> None:
    owner = OWNERS[kind]
    assert owner.title[0].isupper()
    assert owner.summary.endswith(".")
    given_to_it = {f.name for f in dataclasses.fields(owner) if f.init}
    assert given_to_it - set(list_parameters(owner)) <= {"seed"}, "a parameter is not declared"


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_the_words_of_a_form_are_there(kind: str, name: str) -> None:
    parameter = list_parameters(OWNERS[kind])[name]
    assert parameter.label[0].isupper()
    assert "_" not in parameter.label
    assert not parameter.help[0].islower()
    assert parameter.help.endswith(".")


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_the_docstring_agrees_with_the_declaration(kind: str, name: str) -> None:
    parameter = list_parameters(OWNERS[kind])[name]
    told = _told(OWNERS[kind])
    assert name in told, "the docstring does not name the parameter"
    text = told[name]
    if isinstance(parameter, Names):
        assert "default, LEFT_OUT," in text
        return
    assert re.search(rf"\bby default {re.escape(parameter.write(parameter.default))}\b", text)
    match parameter:
        case Choice(choices=choices):
            assert all(re.search(rf"\b{word}\b", text) for word in choices)
        case Flag():
            pass
        case Numbers(most=most):
            assert re.search(rf"\b1 to {most} ", text)
            assert _range(parameter) in text
        case _:
            assert _range(parameter) in text


def _range(parameter: Parameter) -> str:
    return parameter.range.replace(",", "")


def _told(owner: type) -> dict[str, str]:
    """What the docstring, or that of a base class, says of each argument, without its marks."""
    told: dict[str, str] = {}
    for ancestor in reversed(owner.__mro__):
        _, _, arguments = inspect.cleandoc(ancestor.__doc__ or "").partition("Args:\n")
        entries = re.findall(
            r"^    (\w+): (.*(?:\n {8,}.*)*)", arguments.split("\n\n")[0], re.MULTILINE
        )
        for name, text in entries:
            plain = re.sub(r"[`\"]", "", " ".join(text.split())).replace("By", "by")
            plain = re.sub(r"1e-\d+", lambda found: format_number(float(found[0])), plain)
            plain = re.sub(r"\((never|none)\) ", "", plain, flags=re.IGNORECASE)
            told[name] = re.sub(r"(?<=\d),(?=\d{3})", "", plain).replace("None", "none")
    return told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-10, "0.0000000001"),
        (0.65, "0.65"),
        (1, "1"),
        (1e6, "1,000,000"),
        (12.5, "12.5"),
        (0, "0"),
    ],
)
def test_a_number_is_written_without_an_exponent(value: float, text: str) -> None:
    assert format_number(value) == text


def test_a_registry_imports_a_class_only_when_it_is_asked_for() -> None:
    registry: Registry = Registry(
        "thing", {"here": "collections:OrderedDict", "gone": "no.where:X"}
    )
    assert list(registry) == ["here", "gone"]
    assert "gone" in registry
    assert registry["here"].__name__ == "OrderedDict"
    with pytest.raises(ModuleNotFoundError):
        registry["gone"]
    assert registry.get("neither") is None


def test_a_registry_builds_by_name_and_refuses_what_it_does_not_know() -> None:
    registry: Registry[Sample] = Registry("sample", {})
    registry["one"] = Sample
    assert registry.build("one", {"whole": 4}, seed=2).seed == 2
    for name, values in (("two", {}), ("one", {"seed": 1}), ("one", {"whole": 0})):
        with pytest.raises(BadSpec, match=r"expected .+ received .+\.$"):
            registry.build(name, values)
