"""What steers a count: a project's settings, a calibration, a chat template."""

from __future__ import annotations

import json

from material import STRANGE, TOKENIZERS
from mutators import dumped, json_like, words_of
from targets import target, written

import multitok
from multitok.budgets.limits import settings_of
from multitok.requests.calibration import read_calibration
from multitok.requests.template import open_template

SETTINGS = (
    b'[tool.multitok]\nmodel = "gpt-4o"\nmax-tokens = 5\nwarn-at = "80%"\nexclude = ["*.x"]\n'
    b'[tool.multitok.limits]\n"a*" = 5\n'
)
SETTING_WORDS = [
    "[tool.multitok]\n", "[tool]\n", "limits = 5\n", "exclude = 5\n", "model = 5\n",
    '"[z-a]" = 5\n', "exclude = [5]\n", 'warn-at = "x"\n', "warn-at = [1]\n", "nan", "inf", "-1",
    "{}", "[]", '"!x"', "tool = 5\n", "multitok = 5\n", "1979-05-27", "'", '"', "=", "\n", "[", "]",
    "max-tokens", "\\",
]  # fmt: skip


@target(seeds=lambda: [SETTINGS], mutate=words_of(SETTING_WORDS))
def settings(data: bytes) -> None:
    """[tool.multitok] of a pyproject.toml."""
    limits = settings_of(written("pyproject.toml", data)).limits
    limits.of("a/b.md"), limits.excludes("a/b.md")


MEASURED = {
    "schema": 2, "measured": "2026-11-28", "models": {"gpt-4o": {"text": {
        "offset": 1.0, "slope": 1.1, "low": 0.9, "high": 1.2, "requests": 30, "before": 0.2,
        "after": 0.1}}}, "refused": {"gpt-5.4": {"image": "why"}},
}  # fmt: skip


@target(seeds=lambda: dumped([MEASURED]), mutate=json_like(STRANGE, [MEASURED]))
def calibration(data: bytes) -> None:
    """What `reconcile` wrote, and a request that is counted by it."""
    found = read_calibration(written("calibration.json", data))
    found.to_dict()
    message = {"role": "user", "content": "hello"}
    multitok.count_request([message], "claude-opus-5", calibration=found)


TEMPLATES = [
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] | trim }}{% endfor %}",
    "{%- set ns = namespace(x=0, s='') -%}{%- for m in messages -%}{%- set ns.x = ns.x + 1 -%}"
    "{%- set ns.s = ns.s + m.content -%}{%- endfor -%}{{ ns.s }}{{ ns.x }}",
    "{{ bos_token }}{% if tools %}{{ tools | tojson(indent=4) }}{% endif %}"
    "{% macro f(x) %}{{ x }}{% endmacro %}{{ f(messages|length) }}",
    "{{ messages | map(attribute='content') | join(',') }}{{ strftime_now('%Y') }}",
    "{{ messages[::-1] | list }}{{ range(10) | list }}{{ 3 ** 2 }}{{ '%s' % 3 }}{{ dict(a=1) }}",
]
TEMPLATE_WORDS = [
    "{%", "%}", "{{", "}}", "for x in", "if", "else", "endif", "endfor", "set n =", "namespace(",
    "messages", "m.content", "loop.index", "range(", "|length", "|trim", "|tojson", "|join",
    "|list", "|map(", "|select", "|sort", "|unique", "|batch(", "|slice(", "|string", "|replace(",
    "|indent(", "|truncate(", "|wordcount", "|urlize", "|format", "|dictsort", "|groupby(", "|sum",
    "|random", "|first", "|int", "|float", "|round(", "|default(", "|filesizeformat", "|attr(",
    "|center(", "'a'", "0", "1", "99999999", "1e308", "[", "]", "(", ")", ",", ":", ".", "+", "-",
    "*", "**", "//", "%", "~", "==", "<", " and ", " not ", " is defined", "none", "true",
    "macro f()", "endmacro", "call", "filter upper", "endfilter", "block b", "endblock",
    "include 'x'", "import 'x' as y", "raw", "break", "continue", "self", "caller()", "__class__",
    "__init__", "__globals__", "lipsum(", "cycler(", "joiner(", "dict(", "raise_exception(",
    "strftime_now(", "n * n", "'x'*99999999",
]  # fmt: skip


@target(seeds=lambda: [one.encode() for one in TEMPLATES], mutate=words_of(TEMPLATE_WORDS))
def template(data: bytes) -> None:
    """A chat template of a stranger's checkpoint."""
    path = written("template/tokenizer.json", json.dumps(TOKENIZERS[0]))
    written("template/tokenizer_config.json", '{"bos_token": "<s>"}')
    written("template/chat_template.jinja", data)
    said = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi" * 50}]
    function = {"type": "function", "function": {"name": "f"}}
    open_template(path.parent).conversation(said, [function])


CONFIGS = [
    {"chat_template": TEMPLATES[0], "bos_token": {"content": "<s>"}, "eos_token": "</s>"},
    {
        "chat_template": [
            {"name": "default", "template": "x"},
            {"name": "tool_use", "template": "y"},
        ]
    },
]


@target(seeds=lambda: dumped(CONFIGS), mutate=json_like([*STRANGE, *TEMPLATES], CONFIGS))
def template_config(data: bytes) -> None:
    """The tokenizer_config.json that has it."""
    path = written("configured/tokenizer.json", json.dumps(TOKENIZERS[0]))
    written("configured/tokenizer_config.json", data)
    open_template(path.parent).conversation([{"role": "user", "content": "hello"}], [])
