"""A service that frames with a chat template: rendered apart, whatever the template does."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from served import HELLO

from multitok.requests import rendering

pytest.importorskip("jinja2")


@pytest.fixture
def model(tmp_path):
    """model(template) -> a folder whose vocabulary has a token for each letter."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    letters = {chr(i): i for i in range(32, 127)}
    vocabulary = Tokenizer(models.WordLevel(letters, unk_token=" "))
    vocabulary.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    vocabulary.save(str(tmp_path / "tokenizer.json"))

    def write(template):
        config = {"chat_template": template}
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
        return tmp_path

    return write


def test_each_request_is_framed_by_the_template(serve, model):
    """`[hello]` for hello, eight requests at once: 7 letters each."""
    service = serve(template=model("{% for m in messages %}[{{ m.content }}]{% endfor %}"))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: service.post("/request", HELLO), range(32)))
    assert {(answer.status, answer.json["tokens"]) for answer in answers} == {(200, 7)}


def test_a_template_without_end_leaves_the_frame_unknown(monkeypatch, serve, model):
    monkeypatch.setattr(rendering, "SECONDS", 0.2)
    service = serve(template=model("{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3))
    answer = service.post("/request", HELLO)
    assert answer.status == 200
    assert not answer.json["complete"]
    assert "its chat template takes more than 0.2 s" in json.dumps(answer.json)
