"""Chat templates: exact where the model's own is at hand, and never a way to run away."""

import json

import pytest

from multitok.core.errors import PayloadError, SourceError
from multitok.report.requests import render_request
from multitok.requests.template import JinjaTemplate, open_template, packaged_template
from multitok.requests.whole import count_request

pytest.importorskip("jinja2")

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if tools %}{{ tools | tojson }}{% endif %}{% if add_generation_prompt %}<|go|>{% endif %}"
)


@pytest.fixture
def model(tmp_path):
    """A folder as a checkpoint has it; its vocabulary cuts at every character."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = [chr(i) for i in range(32, 127)]
    vocabulary = Tokenizer(models.WordLevel({c: i for i, c in enumerate(letters)}, unk_token=" "))
    vocabulary.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    vocabulary.add_special_tokens(["<|user|>", "<|system|>", "<|end|>", "<|go|>"])
    vocabulary.save(str(tmp_path / "tokenizer.json"))

    def write(template):
        config = {"chat_template": template, "bos_token": {"content": "<s>"}}
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
        return tmp_path

    return write


def test_a_template_is_rendered_as_transformers_renders_it(model):
    template = open_template(model(TEMPLATE))
    assert template.render([{"role": "user", "content": "hi"}]) == "<|user|>hi<|end|><|go|>"


def test_the_frame_is_what_the_conversation_has_beyond_its_texts(model):
    """<|system|> be <|end|> <|user|> hi <|end|> <|go|>: 2 + 2 letters in 5 special tokens."""
    folder = model(TEMPLATE)
    payload = [{"role": "system", "content": "be"}, {"role": "user", "content": "hi"}]
    counted = count_request(payload, model="gpt-4o", template=folder)
    assert [(part.path, part.tokens, part.kind) for part in counted.parts] == [
        ("[0].content", 2, "exact"),
        ("[1].content", 2, "exact"),
        ("messages", 5, "exact"),
    ]
    assert (counted.tokens, counted.kind, counted.left_out) == (9, "exact", ())
    assert counted.parts[0].source.startswith("the chat template of")


def test_a_frame_below_0_says_that_text_is_left_out(model):
    """<|user|> <|go|> for five letters: the sum is what is sent, and the part says why."""
    folder = model("{% for m in messages %}<|{{ m.role }}|>{% endfor %}<|go|>")
    counted = count_request([{"role": "user", "content": "hello"}], model="gpt-4o", template=folder)
    assert (counted.tokens, [part.tokens for part in counted.parts]) == (2, [5, -3])
    why = "below 0: the template leaves out text that is sent, or joins it with its frame"
    assert counted.parts[1].notes == (why,)
    assert f"note     messages: {why}" in render_request(counted, color=False)


def test_tools_go_through_the_template(model):
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    payload = {"messages": [{"role": "user", "content": "hi"}], "tools": [tool]}
    with_tool = count_request(payload, model="gpt-4o", template=model(TEMPLATE))
    without = count_request(payload["messages"], model="gpt-4o", template=model(TEMPLATE))
    assert with_tool.tokens > without.tokens
    assert with_tool.tokens == sum(part.tokens for part in with_tool.parts)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ raise_exception('no system role') }}", "failed: no system role"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
         "takes more than 2 s"),
        ("{{ 'a' * 9999999 }}", "makes more than 1,048,576 characters"),
        ("{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}"
         "{% set n.x = n.x ~ n.x %}{% endfor %}", "needs more than 256 MiB of memory"),
        ("{{ 'a'.ljust(9999999999) }}", "needs more than 256 MiB of memory"),
        ("{{ ''.__class__.__mro__ }}", "failed: access to attribute '__class__' of 'str' object"
         " is unsafe."),
        ("{{ messages.append(1) }}", "failed: access to attribute 'append' of 'list' object is"
         " unsafe."),
        ("{% for", "failed:"),
    ],
)  # fmt: skip
def test_a_template_that_misbehaves_is_an_error(model, template, why):
    found = open_template(model(template))
    with pytest.raises(PayloadError) as error:
        found.render([{"role": "user", "content": "hi"}])
    assert str(error.value).startswith(f"{found.name}: its chat template {why}")


MESSAGES = [
    {"role": "system", "content": " Be kind. "},
    {"role": "user", "content": "<b>é</b>"},
    {"role": "user", "content": "hi"},
]
TOOL = {"type": "function", "function": {"name": "f", "description": "Says <é>"}}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ messages[0].content | trim }}|{{ messages[1:] | length }}", "Be kind.|2"),
        ("{{ messages[0]['content'].strip().upper() + eos_token }}", "BE KIND.</s>"),
        ("{{ messages | map(attribute='role') | unique | join(',') }}", "system,user"),
        ("{{ (messages | selectattr('role', 'equalto', 'user') | list)[-1].content }}", "hi"),
        ("{% for m in messages[::-1] %}{{ loop.index0 }}{{ m.role[0] }}{% endfor %}", "0u1u2s"),
        ("{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ m.content }}"
         "{% break %}{% endfor %}", "<b>é</b>"),
        ("{{ tools | tojson }}",
         '[{"type": "function", "function": {"name": "f", "description": "Says <é>"}}]'),
        ("{{ tools[0].function | tojson(indent=4) }}",
         '{\n    "name": "f",\n    "description": "Says <é>"\n}'),
        ("{{ tools[0].function | tojson(separators=(',', ':'), sort_keys=True) }}",
         '{"description":"Says <é>","name":"f"}'),
        ("{% for key, value in tools[0].function.items() %}{{ key }}={{ value }};{% endfor %}",
         "name=f;description=Says <é>;"),
        ("{% for key, value in tools[0].function | dictsort %}{{ key }};{% endfor %}",
         "description;name;"),
        ("{% set n = namespace(last=0) %}{% for m in messages %}{% if m.role == 'user' %}"
         "{% set n.last = loop.index %}{% endif %}{% endfor %}{{ n.last }}", "3"),
        ("{% macro say(text, mark='!') %}{{ text ~ mark }}{% endmacro %}{{ say('hi') }}", "hi!"),
        ("{{ 'a-b-c'.split('-')[1] }}{{ 'abc'.startswith('ab') }}{{ 'a' | replace('a', 'b') }}",
         "bTrueb"),
        ("{% generation %}{{ '%s %05.1f' % ('a', 2) }}{% endgeneration %}", "a 002.0"),
        ("{{ 'x' | indent(2, true) }}{{ 'ab'.center(6, '*') }}{{ 3 * '-' }}", "  x**ab**---"),
        ("{{ strftime_now('%%') }}{{ documents is defined }}{{ none is none }}", "%FalseTrue"),
        ("{%- if tools %}\n  a\n{%- endif %}\nb", "  ab"),
    ],
)  # fmt: skip
def test_what_published_templates_use_is_there(template, text):
    found = JinjaTemplate(template, {"eos_token": "</s>"}, "m", len)
    assert found.render(MESSAGES, [TOOL]) == text


def test_a_refusing_template_leaves_the_frame_unknown(model):
    folder = model("{{ raise_exception('roles must alternate') }}")
    counted = count_request([{"role": "user", "content": "hi"}], model="gpt-4o", template=folder)
    assert counted.parts[-1].tokens is None
    assert counted.parts[-1].notes[0].endswith("failed: roles must alternate")


def test_a_folder_without_a_vocabulary_or_a_template_is_an_error(tmp_path, model):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SourceError) as error:
        open_template(empty)
    assert str(error.value) == f"{empty}: a chat template needs its tokenizer.json"
    folder = model(None)
    with pytest.raises(SourceError) as error:
        open_template(folder)
    assert str(error.value) == (
        f"{folder}: no chat_template in tokenizer_config.json and no chat_template.jinja"
    )


def test_mistral_chats_are_exact_with_mistral_common():
    """<s> [INST] be kind, two line breaks, hello world [/INST]: 8 ids."""
    pytest.importorskip("mistral_common")
    payload = {
        "model": "open-mistral-nemo",
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "hello world"},
        ],
    }
    counted = count_request(payload)
    assert (counted.tokens, counted.kind, counted.complete) == (8, "exact", True)
    assert counted.parts[-1].source.startswith("mistral-common")


def test_a_vocabulary_that_is_not_packaged_is_none():
    assert packaged_template("tekken_999999") is None
