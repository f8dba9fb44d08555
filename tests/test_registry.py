"""The registry: lazy, unshadowable, and unharmed by a broken plugin."""

import json
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import ClassVar

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli
from multitok.core import registry
from multitok.core.errors import DuplicateNameError, PluginError, UnknownNameError
from multitok.core.info import ImageInfo
from multitok.core.tokenizer import TokenCounter


@dataclass(frozen=True)
class Constant(TokenCounter):
    """A counter for the tests of this file."""

    tokens: int
    name: ClassVar[str] = "constant"
    modality: ClassVar[str] = "image"

    def count(self, x, /):
        return self.tokens


@pytest.fixture
def registered():
    registry.register(Constant)
    yield
    registry.unregister("constant")


@pytest.fixture
def plugins(monkeypatch):
    """Pretend that these entry points are installed."""

    def install(*points):
        table = {}
        for point in points:
            table[point.name] = (*table.get(point.name, ()), point)
        monkeypatch.setattr(registry, "_plugins", lambda: table)

    return install


def entry(name, value):
    return EntryPoint(name=name, value=value, group=registry.ENTRY_POINT_GROUP)


def test_a_registered_class_is_found_by_its_name(registered):
    assert registry.get_tokenizer("constant", tokens=7).count(ImageInfo(4, 2)) == 7


def test_a_needed_parameter_that_is_missing_is_named(registered):
    with pytest.raises(UnknownNameError) as caught:
        registry.get_tokenizer("constant")
    assert (
        str(caught.value) == "tokenizer 'constant' needs the parameter 'tokens'. It takes: tokens"
    )


def test_a_built_in_cannot_be_shadowed():
    class Fake(Constant):
        name: ClassVar[str] = "patch"

    with pytest.raises(DuplicateNameError) as caught:
        registry.register(Fake)
    assert str(caught.value) == (
        "two tokenizers are named 'patch': multitok.modalities.image.grids.patch:PatchTokenizer and"
        f" {__name__}:{Fake.__qualname__}. Rename one."
    )


def test_two_plugins_of_one_name_are_an_error_when_it_is_asked_for(plugins):
    plugins(entry("mel", "multitok_mel:Mel"), entry("mel", "audiokit:Mel"))
    assert "mel" in registry.names()
    with pytest.raises(DuplicateNameError) as caught:
        registry.get_tokenizer("mel")
    assert str(caught.value) == (
        "two tokenizers are named 'mel': multitok_mel:Mel (an unknown distribution) and"
        " audiokit:Mel (an unknown distribution). Uninstall one."
    )


def test_a_broken_plugin_says_so_and_breaks_no_other_name(plugins):
    plugins(entry("mel", "no_such_module_here:Mel"))
    with pytest.raises(PluginError) as caught:
        registry.get_tokenizer("mel")
    assert str(caught.value) == (
        "plugin 'mel' (no_such_module_here:Mel, from an unknown distribution) failed to load:"
        " No module named 'no_such_module_here'"
    )
    assert registry.get_tokenizer("patch").size == 16


def test_a_plugin_that_is_no_counter_is_refused(plugins):
    plugins(entry("path", "pathlib:Path"))
    with pytest.raises(PluginError, match="it is not a TokenCounter class"):
        registry.get_tokenizer("path")


def test_a_plugin_is_used_by_its_name(plugins):
    plugins(entry("const", f"{__name__}:Constant"))
    assert registry.get_tokenizer("const", tokens=3).tokens == 3


def test_doctor_tells_an_author_of_a_name_that_is_taken_or_is_not_the_classs(plugins):
    plugins(entry("const", f"{__name__}:Constant"), entry("patch", f"{__name__}:Constant"))
    run = CliRunner().invoke(cli, ["doctor", "--json"])
    assert run.exit_code == 1
    assert {p["name"]: p["error"] for p in json.loads(run.output)["plugins"]} == {
        "const": "its class is named 'constant': give the entry point the same name",
        "patch": "never used, for a built-in has its name: give it another than 'patch'",
    }


def test_plugins_can_be_turned_off(monkeypatch):
    registry._plugins.cache_clear()
    monkeypatch.setenv("MULTITOK_NO_PLUGINS", "1")
    assert registry._plugins() == {}
    registry._plugins.cache_clear()


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_a_built_in_class_carries_the_name_it_is_listed_under(name):
    cls = registry.class_for(name)
    assert cls.name == name
    assert cls.modality == registry.BUILT_IN[name].split(".")[2]
    assert cls.__doc__


class Nameless(TokenCounter):
    def count(self, x, /):
        return 1


class Smell(Nameless):
    name: ClassVar[str] = "smell"
    modality: ClassVar[str] = "smell"


@pytest.mark.parametrize(
    ("cls", "why"),
    [
        (int, "it is not a TokenCounter class"),
        (Nameless, "it needs name: ClassVar[str] = ..."),
        (
            Smell,
            "its modality 'smell' is none of text, image, video, audio, series, actions, pdf",
        ),
    ],
)
def test_a_class_that_is_no_tokenizer_is_refused_when_it_is_registered(cls, why):
    with pytest.raises(PluginError) as caught:
        registry.register(cls)
    assert str(caught.value) == f"{cls!r} cannot be registered: {why}. See docs/plugins.md"


def test_a_tokenizer_that_is_no_dataclass_says_what_to_write(plugins):
    plugins(entry("plain", f"{__name__}:Plain"))
    with pytest.raises(PluginError) as caught:
        registry.get_tokenizer("plain")
    assert str(caught.value) == (
        f"tokenizer 'plain' ({__name__}:Plain) is no dataclass: its parameters are its fields."
        " Put @dataclass(frozen=True, kw_only=True) above it"
    )


class Plain(Nameless):
    name: ClassVar[str] = "plain"
    modality: ClassVar[str] = "image"
