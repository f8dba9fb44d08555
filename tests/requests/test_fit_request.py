"""A request fitted to a budget: it fits by its own count, and says what it cost to get there."""

import base64
import copy
import io
import json
from contextlib import closing
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner
from conversations import MODELS, Turn, conversations, png, prose, request
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from multitok import (
    BudgetExceeded,
    ImageInfo,
    MediaError,
    PayloadError,
    UnknownNameError,
    count_request,
    fit_request,
)
from multitok.cli import multitok as cli
from multitok.requests.fitting.documents import shortened
from multitok.requests.fitting.places import place_of, put, value_at
from multitok.requests.fitting.turns import Conversation

SLOW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
PROVIDERS = list(MODELS)
TALK = [
    Turn(prose(50), ((900, 700),), prose(900)),
    Turn(prose(5), ((700, 700),)),
    Turn(prose(8), ((1200, 900),), prose(800)),
]
SAMPLES = Path(__file__).parent.parent.parent / "samples"
LISTS = ("messages", "input", "contents")


def messages(payload):
    if isinstance(payload, list):
        return payload
    return next(payload[name] for name in LISTS if name in payload)


def around(payload):
    """What stands beside the messages."""
    return {} if isinstance(payload, list) else {k: v for k, v in payload.items() if k not in LISTS}


def bare(node):
    """Without what may become smaller: pictures, their detail, and what tools answered."""
    if isinstance(node, dict):
        answers = {"tool": "content", "function_call_output": "output"}
        answer = answers.get(node.get("role"), answers.get(node.get("type")))
        return {
            key: "..." if key in (answer, "result", "images") or _brings(node, key) else bare(one)
            for key, one in node.items()
            if key not in ("detail", "generationConfig")
        }
    if isinstance(node, list):
        return [bare(one) for one in node]
    return "..." if isinstance(node, str) and _is_picture(node) else node


def _brings(node, key):
    return key == "content" and ("tool_use_id" in node or "toolUseId" in node)


def _is_picture(text):
    return text.startswith(("data:image", "iVBORw0KGgo"))


def ids(payload):
    """The ids of calls, and of results."""
    text = json.dumps(payload)
    found = {}
    for name in ("id", "call_id", "tool_call_id", "tool_use_id", "toolUseId"):
        found[name] = [text.count(f'"{name}": "call_{i}"') for i in range(5)]
    return found


def fitted(payload, model, limit):
    """What came of it; None where even the least is too much, which is then so."""
    try:
        return fit_request(payload, model, max_tokens=limit)
    except BudgetExceeded as error:
        least = error.count.most
    assert least > limit
    return None


@pytest.mark.parametrize("provider", PROVIDERS)
@SLOW
@given(turns=conversations, share=st.floats(0.1, 1.1))
def test_what_comes_back_fits_and_is_the_request_less_what_was_changed(provider, turns, share):
    payload = request(provider, turns)
    before = copy.deepcopy(payload)
    model = MODELS[provider]
    limit = int(count_request(payload, model).most * share)
    found = fitted(payload, model, limit)
    assert payload == before
    if found is None:
        return
    after = count_request(found.payload, model)
    assert after.most <= limit
    assert after == found.after
    assert sum(change.saved for change in found.changes) == found.before.tokens - after.tokens
    assert bare(around(found.payload)) == bare(around(payload))
    kept, said = bare(messages(found.payload)), bare(messages(payload))
    system = said[:1] if said[0].get("role") == "system" else []
    talk = kept[len(system) :]
    assert kept[: len(system)] == system
    assert talk == said[len(said) - len(talk) :]
    assert talk[0]["role"] == "user"
    assert fit_request(found.payload, model, max_tokens=limit).payload == found.payload


@pytest.mark.parametrize("provider", PROVIDERS)
@SLOW
@given(turns=conversations, share=st.floats(0.1, 1.0))
def test_a_call_and_its_result_stand_or_go_together(provider, turns, share):
    payload = request(provider, turns)
    limit = int(count_request(payload, MODELS[provider]).most * share)
    fit = fitted(payload, MODELS[provider], limit)
    found = ids(fit.payload if fit is not None else payload)
    for call, result in (("id", "tool_call_id"), ("id", "tool_use_id")):
        assert found[result] in (found[call], [0] * 5)
    assert set(found["call_id"]) | set(found["toolUseId"]) <= {0, 2}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_stage_is_reached_and_each_takes_less(provider):
    """Budgets from the whole request down to the least: each count is within, none grows."""
    payload, model = request(provider, TALK), MODELS[provider]
    with pytest.raises(BudgetExceeded) as least:
        fit_request(payload, model, max_tokens=0)
    whole, floor = count_request(payload, model).most, least.value.count.most
    budgets = [whole - (whole - floor) * i // 8 for i in range(9)]
    found = [fit_request(payload, model, max_tokens=budget) for budget in budgets]
    assert [one.after.most <= budget for one, budget in zip(found, budgets, strict=True)] == [
        True
    ] * 9
    assert found[0].changes == ()
    assert {change.what for one in found for change in one.changes} >= {"turns", "tool result"}


SDKS = {
    "openai": ("openai.types.chat", "ChatCompletionMessageParam"),
    "responses": ("openai.types.responses", "ResponseInputItemParam"),
    "anthropic": ("anthropic.types", "MessageParam"),
    "gemini": ("google.genai.types", "Content"),
}


@pytest.mark.parametrize("provider", SDKS)
def test_what_comes_back_is_what_the_sdk_takes(provider):
    """Down to the least, the messages are of the type that the provider's own SDK declares."""
    module, name = SDKS[provider]
    message = getattr(pytest.importorskip(module), name)
    declared = pytest.importorskip("pydantic").TypeAdapter(list[message])
    payload, model = request(provider, TALK), MODELS[provider]
    most = count_request(payload, model).most
    found = [fitted(payload, model, most * share // 20) for share in range(4, 21)]
    fit = [one for one in found if one is not None]
    assert len(fit) > 10
    for one in fit:
        declared.validate_python(messages(one.payload))


# --- the order ------------------------------------------------------------------------------------


def changed(payload, limit, **words):
    found = fit_request(payload, max_tokens=limit, **words)
    return [(one.path, one.what, one.was, one.now, one.saved) for one in found.changes]


def test_pictures_of_older_turns_shrink_first():
    """4,327 at most. Both pictures are four tiles, 765; two tiles are 425, one is 255."""
    assert changed(request("openai", TALK), 3500) == [
        ("messages[1].content[1]", "image", "900 x 700", "658 x 512", 340),
        ("messages[5].content[1]", "image", "700 x 700", "512 x 512", 510),
    ]


def test_then_what_tools_answered_in_them():
    """85 a picture at detail=low: 4,327 - 2 x 680 = 2,967, and 167 more must go."""
    assert changed(request("openai", TALK), 2800) == [
        ("messages[1].content[1]", "image", "detail auto", "detail low", 680),
        ("messages[5].content[1]", "image", "detail auto", "detail low", 680),
        ("messages[3].content", "tool result", "3,943 characters", "its first 3,241", 170),
    ]


def test_then_the_oldest_turns_go_and_what_was_smaller_before_grows_back():
    """The picture of the second turn has a whole tile again; without any change of it there would
    be 100 tokens too many."""
    assert changed(request("openai", TALK), 2400) == [
        ("messages[5].content[1]", "image", "700 x 700", "512 x 512", 510),
        ("messages[1] to messages[4]", "turns", "1 turn, 4 messages", "dropped", 1827),
    ]


def test_the_pictures_and_results_of_the_last_turn_come_last():
    assert changed(request("openai", TALK), 850) == [
        ("messages[7].content[1]", "image", "detail auto", "detail low", 680),
        ("messages[9].content", "tool result", "3,504 characters", "its first 2,715", 191),
        ("messages[1] to messages[6]", "turns", "2 turns, 6 messages", "dropped", 2608),
    ]


def test_what_the_caller_keeps_is_not_touched():
    turns = fit_request(request("openai", TALK), max_tokens=2400, keep=("turns",))
    assert {one.what for one in turns.changes} == {"image", "tool result"}
    images = fit_request(request("openai", TALK), max_tokens=2400, keep="images")
    assert {one.what for one in images.changes} == {"turns"}


# --- pictures -------------------------------------------------------------------------------------


def photo(form, size=(900, 600), **words):
    file = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(file, form, **words)
    return base64.b64encode(file.getvalue()).decode()


def shown(data, kind="png", **more):
    url = {"url": f"data:image/{kind};base64,{data}", **more}
    return {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}],
    }


def picture_of(payload):
    url = payload["messages"][0]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_stays_in_its_format(form):
    found = fit_request(shown(photo(form), form.lower()), max_tokens=440)
    picture = picture_of(found.payload)
    assert (picture.format, picture.size) == (form, (768, 512))


def test_a_picture_is_written_upright():
    """Stored 900 x 600 and shown turned by 90 degrees: it is 600 x 900, and becomes 512 x 768."""
    exif = Image.Exif()
    exif[0x0112] = 6
    found = fit_request(shown(photo("JPEG", exif=exif), "jpeg"), max_tokens=440)
    assert found.changes[0].was == "600 x 900"
    picture = picture_of(found.payload)
    assert picture.size == (512, 768)
    assert picture.getexif().get(0x0112, 1) == 1


def test_no_picture_becomes_too_small_to_be_seen():
    """Pixtral's patches are 16 px: 256 x 171 is 16 columns and a break in each of 11 rows, 187."""
    with pytest.raises(BudgetExceeded) as caught:
        fit_request(shown(png((900, 600))), "pixtral-12b", max_tokens=10)
    least = caught.value.count.parts[0]
    assert (str(least.info), least.tokens) == ("256 x 171", 187)


def test_a_lower_detail_is_taken_where_no_size_is_cheap_enough():
    found = fit_request(shown(png((900, 600))), max_tokens=100)
    assert found.payload == shown(png((900, 600)), detail="low")


def test_a_picture_behind_a_url_may_still_be_asked_for_at_a_lower_detail():
    url = {"url": "https://example.org/cat.png"}
    talk = [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]
    found = fit_request(talk, "gpt-4o", max_tokens=100, assume_image=ImageInfo(1024, 1024))
    assert found.payload[0]["content"][0]["image_url"] == {**url, "detail": "low"}


def test_no_word_of_gemini_s_is_put_into_the_request_of_another_format():
    payload = {**shown(png((900, 600))), "model": "gemini-2.5-flash"}
    with pytest.raises(BudgetExceeded) as caught:
        fit_request(payload, max_tokens=10)
    assert caught.value.count.left_out == count_request(payload).left_out
    contents = [{"parts": [{"inlineData": {"mimeType": "image/png", "data": png((900, 600))}}]}]
    with pytest.raises(BudgetExceeded):  # a bare list has no place for it
        fit_request(contents, "gemini-2.5-flash", "gemini", max_tokens=10)


def test_an_animation_says_that_its_first_frame_is_left():
    file = io.BytesIO()
    frames = [Image.new("L", (900, 600), gray) for gray in (0, 255)]
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    data = base64.b64encode(file.getvalue()).decode()
    found = fit_request(shown(data, "gif"), max_tokens=440)
    assert found.changes[0].now == "768 x 512; the first of 2 frames"


def test_gemini_is_asked_for_a_lower_resolution_where_pictures_cost_the_same_at_any_size():
    """258 tokens at any size, 64 at low."""
    inline = {"inline_data": {"mime_type": "image/png", "data": png((900, 600))}}
    contents = [{"role": "user", "parts": [inline, {"text": "hi"}]}]
    payload = {"model": "gemini-2.5-flash", "contents": contents, "config": {"temperature": 0}}
    found = fit_request(payload, max_tokens=100)
    config = {"temperature": 0, "media_resolution": "MEDIA_RESOLUTION_LOW"}
    assert found.payload == {**payload, "config": config}
    assert [(one.path, one.now, one.saved) for one in found.changes] == [
        ("config.media_resolution", "low", 194)
    ]


# --- documents ------------------------------------------------------------------------------------


def test_a_document_is_cut_at_the_end_of_a_paragraph_and_says_so():
    source = {"type": "text", "media_type": "text/plain", "data": prose(1000)}
    block = {"type": "document", "title": "Tides", "source": source}
    content = [block, {"type": "text", "text": "So?"}]
    payload = {"model": "claude-opus-5", "messages": [{"role": "user", "content": content}]}
    found = fit_request(payload, max_tokens=1200)
    kept = found.payload["messages"][0]["content"][0]["source"]["data"]
    assert kept.endswith("\n[cut]")
    assert prose(1000).startswith(kept.removesuffix("\n[cut]") + "\n\n")
    assert (
        put(found.payload, ("messages", 0, "content", 0, "source", "data"), prose(1000)) == payload
    )


def test_a_text_file_is_cut_as_the_text_it_holds():
    data = base64.b64encode(prose(1000).encode()).decode()
    file = {"filename": "a.txt", "file_data": f"data:text/plain;base64,{data}"}
    content = [{"type": "file", "file": file}, {"type": "text", "text": "So?"}]
    payload = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    found = fit_request(payload, max_tokens=600)
    kept = found.payload["messages"][0]["content"][0]["file"]["file_data"]
    assert base64.b64decode(kept.partition(",")[2]).decode().endswith("night\n[cut]")


def pdf(pages):
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 300).close()
    file = io.BytesIO()
    document.save(file)
    document.close()
    return base64.b64encode(file.getvalue()).decode()


def test_a_pdf_keeps_its_first_pages():
    """258 tokens a page, and 64 at low resolution, which all ten pages may have instead."""
    inline = {"inlineData": {"mimeType": "application/pdf", "data": pdf(10)}}
    contents = [{"role": "user", "parts": [inline, {"text": "So?"}]}]
    payload = {"model": "gemini-2.5-pro", "contents": contents}
    low = fit_request(payload, max_tokens=900)
    assert [(one.what, one.now) for one in low.changes] == [("media", "low")]
    found = fit_request(payload, max_tokens=900, keep=("images",))
    assert [(one.path, one.what, one.was, one.now) for one in found.changes] == [
        ("contents[0].parts[0]", "pdf", "10 pages", "its first 3")
    ]
    kept = found.payload["contents"][0]["parts"][0]["inlineData"]["data"]
    with closing(pypdfium2.PdfDocument(base64.b64decode(kept))) as document:
        assert len(document) == 3


def test_a_clip_has_fewer_frames_a_second():
    """One frame a second unless the request says otherwise: a rate is halved until it fits."""
    data = base64.b64encode((SAMPLES / "clip.mp4").read_bytes()).decode()
    inline = {"inline_data": {"mime_type": "video/mp4", "data": data}}
    contents = [{"role": "user", "parts": [inline, {"text": "So?"}]}]
    payload = {"model": "gemini-2.5-pro", "contents": contents}
    found = fit_request(payload, max_tokens=count_request(payload).most - 1, keep=("images",))
    assert [(one.what, one.was, one.now) for one in found.changes] == [
        ("video", "1 fps", "0.5 fps")
    ]
    assert found.payload["contents"][0]["parts"][0] == {**inline, "video_metadata": {"fps": 0.5}}


@given(text=st.text(alphabet="ab \n漢", max_size=200), length=st.integers(0, 250))
def test_what_is_kept_is_a_beginning_within_the_length(text, length):
    kept = shortened(text, length)
    if len(text) <= length:
        assert kept == text
    else:
        assert len(kept) <= max(length, len("\n[cut]"))
        assert text.startswith(kept.removesuffix("\n[cut]"))


def test_words_of_people_are_never_cut():
    talk = [{"role": "user", "content": prose(3000)}]
    with pytest.raises(BudgetExceeded):
        fit_request(talk, "gpt-4o", max_tokens=1000)


# --- turns ----------------------------------------------------------------------------------------


def test_a_turn_ends_where_the_user_speaks_again():
    """What a tool answers is sent by the user in Anthropic's shape, and is no turn of its own."""
    talk = Conversation.of(request("anthropic", TALK))
    assert (talk.starts, talk.cuts, talk.last) == ([0, 4, 6], [4, 6], 6)


def test_no_cut_parts_a_call_from_a_result_that_comes_a_turn_later():
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    result = {"type": "function_call_output", "call_id": "c", "output": "1"}
    said = [{"role": "user", "content": text} for text in "abc"]
    answer = {"role": "assistant", "content": "d"}
    talk = Conversation.of({"input": [said[0], call, said[1], result, answer, said[2]]})
    assert (talk.starts, talk.cuts) == ([0, 2, 5], [5])


def test_reasoning_goes_with_its_turn():
    reasoning = {"type": "reasoning", "id": "r", "summary": []}
    said = [{"role": "user", "content": text} for text in (prose(90), "And?")]
    payload = {"model": "gpt-5", "input": [said[0], reasoning, said[1]]}
    found = fit_request(payload, max_tokens=40)
    assert found.payload["input"] == [said[1]]


def test_what_the_system_says_between_turns_stays():
    said = [{"role": "user", "content": text} for text in (prose(90), "And?")]
    rule = {"role": "system", "content": "Be brief."}
    answer = {"role": "assistant", "content": "Well."}
    found = fit_request([said[0], answer, rule, said[1]], "gpt-4o", max_tokens=40)
    assert found.payload == [rule, said[1]]


@pytest.mark.parametrize("payload", [{"input": prose(90)}, {"input": [prose(90)]}])
def test_a_request_without_turns_says_that_it_cannot_be_smaller(payload):
    with pytest.raises(BudgetExceeded) as caught:
        fit_request({"model": "gpt-5", **payload}, max_tokens=40)
    assert caught.value.count == count_request({"model": "gpt-5", **payload})


# --- budgets and refusals -------------------------------------------------------------------------


def test_dollars_are_the_input_and_the_output_that_is_reserved():
    """gpt-4o: $2.50 and $10 a million tokens, so 100 of output are $0.001."""
    payload = request("openai", TALK)
    found = fit_request(payload, max_cost="0.005", output_tokens=100)
    assert found.after.most * 2.5e-6 + 0.001 <= 0.005
    assert found.after.most > 1300
    asked = fit_request({**payload, "max_tokens": 100}, max_cost="0.005")
    assert asked.after.tokens == found.after.tokens


def test_the_error_says_the_least_and_what_holds_it():
    talk = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hello"}]
    with pytest.raises(BudgetExceeded) as caught:
        fit_request(talk, "gpt-4o", max_tokens=5)
    assert str(caught.value) == (
        "the request cannot be made to fit 5 tokens: the least is 15 tokens (system 3, turns 1,"
        " framing 11). Raise the budget: max_tokens=15 (--fit 15)"
    )
    with pytest.raises(BudgetExceeded) as caught:
        fit_request(talk, "gpt-4o", max_cost="0.00001", keep=("images",))
    assert str(caught.value) == (
        "the request cannot be made to fit $0.00001: the least is $0.0000375 (system 3, turns 1,"
        " framing 11). Raise the budget: max_cost='0.0000375' (--fit '$0.0000375'), or without"
        " keep=('images',)"
    )


def test_an_open_request_is_refused_unless_that_is_allowed():
    url = {"url": "https://example.org/cat.png"}
    blocks = [{"type": "text", "text": "hi"}, {"type": "image_url", "image_url": url}]
    talk = [{"role": "user", "content": blocks}]
    with pytest.raises(BudgetExceeded) as caught:
        fit_request(talk, "gpt-4o", max_tokens=100)
    assert str(caught.value) == (
        "the request cannot be shown to fit: [0].content[1]: not fetched:"
        " https://example.org/cat.png; --assume-image 1024x1024 counts a size. To fit what is known"
        " of it: allow_unknown=True (--allow-unknown)"
    )
    assert fit_request(talk, "gpt-4o", max_tokens=100, allow_unknown=True).payload == talk


def test_a_budget_is_asked_for_and_must_be_one():
    def message(error, **words):
        with pytest.raises(error) as caught:
            fit_request([{"role": "user", "content": "hi"}], "gpt-4o", **words)
        return str(caught.value)

    assert message(MediaError) == (
        "a request is fitted to a budget: pass max_tokens=8000 or max_cost='0.05'"
    )
    assert message(MediaError, max_cost="dear") == (
        "max_cost must be dollars such as '0.05', got 'dear'"
    )
    assert message(UnknownNameError, max_tokens=9, keep=("image",)) == (
        "unknown kind 'image'. Did you mean 'images'? There are: images, clips, documents, turns"
    )


# --- what is given --------------------------------------------------------------------------------


def test_bytes_and_objects_come_back_as_json():
    class Part:
        def model_dump(self):
            blob = {"mime_type": "image/png", "data": base64.b64decode(png((900, 600)))}
            return {"text": None, "inline_data": blob}

    contents = [{"role": "user", "parts": [Part(), {"text": "hi"}]}]
    found = fit_request({"model": "gemini-2.5-flash", "contents": contents}, max_tokens=1000)
    (part, _) = found.payload["contents"][0]["parts"]
    assert part == {"inline_data": {"mime_type": "image/png", "data": png((900, 600))}}
    assert json.loads(found.to_json()) == found.payload


def test_what_has_no_json_form_is_an_error():
    payload = {"model": "gpt-4o", "messages": [], "tools": [len]}
    with pytest.raises(PayloadError) as caught:
        fit_request(payload, max_tokens=10)
    assert str(caught.value) == (
        "tools[0]: len has no JSON form: pass what the SDK makes of it (a tool or a schema as an"
        " object)"
    )


def test_a_line_of_a_batch_is_fitted_where_its_request_stands():
    body = request("openai", TALK)
    found = fit_request({"custom_id": "a", "body": body}, max_tokens=850)
    assert found.payload["custom_id"] == "a"
    assert found.payload["body"] == fit_request(body, max_tokens=850).payload


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_part_has_a_place(provider):
    """The paths that are shown lead to what they name, in every provider's spelling."""
    payload = request(provider, TALK)
    counted = count_request(payload, MODELS[provider])
    media = [part.path for part in counted.parts if part.modality == "image"]
    assert len(media) == 3
    for path in media:
        found = json.dumps(value_at(payload, place_of(payload, path)))
        assert "iVBORw0KGgo" in found


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def talk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talk.json").write_text(json.dumps(request("openai", TALK)), "utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli, ["request", *arguments])


def test_the_request_is_on_stdout_and_what_was_changed_on_stderr(talk):
    done = run("talk.json", "--fit", "2400")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == fit_request(request("openai", TALK), max_tokens=2400).payload
    assert done.stderr.splitlines()[:5] == [
        "saved  part                        what   was                 now",
        "  510  messages[5].content[1]      image  700 x 700           512 x 512",
        "1,827  messages[1] to messages[4]  turns  1 turn, 4 messages  dropped",
        "",
        "fitted   1,971 tokens for gpt-4o, estimate, at most 1,985; it had 4,308",
    ]


def test_a_file_is_written_and_the_table_is_on_stdout(talk):
    done = run("talk.json", "--fit", "2400", "-o", "out.json")
    assert done.stdout.startswith("saved  part")
    assert done.stderr == "wrote out.json\n"
    written = json.loads((talk / "out.json").read_text("utf-8"))
    assert count_request(written).most <= 2400


def test_json_has_the_changes_and_the_payload_where_no_file_has_it(talk):
    document = json.loads(run("talk.json", "--fit", "$0.006", "--json").stdout)
    assert document["saved"] == sum(one["saved"] for one in document["changes"]) == 2337
    assert count_request(document["payload"]).tokens == document["after"]["tokens"]
    filed = json.loads(run("talk.json", "--fit", "2400", "--json", "-o", "out.json").stdout)
    assert "payload" not in filed


def test_exit_1_where_no_change_is_enough(talk):
    done = run("talk.json", "--fit", "100", "-o", "out.json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "multitok: the request cannot be made to fit 100 tokens: the least"
    )
    assert not (talk / "out.json").exists()


def test_exit_2_where_nobody_can_tell_whether_it_fits(talk):
    url = {"url": "https://example.org/cat.png"}
    payload = {"model": "gpt-4o", "messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": url}]}]}  # fmt: skip
    (talk / "open.json").write_text(json.dumps(payload), "utf-8")
    assert run("open.json", "--fit", "100").exit_code == 2
    assert run("open.json", "--fit", "100", "--allow-unknown").exit_code == 0
    done = run("talk.json", "-m", "Qwen/Qwen2.5-VL-7B-Instruct", "--fit", "$0.01")
    assert done.exit_code == 2
    assert "the cost of the request is unknown" in done.stderr


def test_the_request_itself_is_never_replaced(talk):
    done = run("talk.json", "--fit", "2400", "-o", "talk.json")
    assert "talk.json: is the input itself: name another output" in str(done.exception)


def test_options_of_a_fit_need_a_budget(talk):
    done = run("talk.json", "-o", "out.json")
    assert done.exit_code == 2
    assert "-o, --keep and --allow-unknown go with --fit: --fit 8000" in done.stderr
    assert (
        "'much' is no budget: write 8000 for tokens or '$0.05'"
        in run("talk.json", "--fit", "much").stderr
    )


# --- the context window ---------------------------------------------------------------------------


def test_an_overflow_of_the_context_window_is_told(talk):
    """At most 4,327 of input and 127,000 of output: 3,327 over 128,000."""
    done = run("talk.json", "--output-tokens", "100-127000")
    assert done.exit_code == 1
    assert (
        "overflow 3,327 tokens: at most 4,327 of input and 127,000 of output, over the context"
        " window of 128,000: --fit 1000\n" in done.stdout
    )
    assert run("talk.json", "--output-tokens", "100").exit_code == 0
    assert (
        json.loads(run("talk.json", "--json", "--output-tokens", "127000").stdout)["overflow"]
        == 3327
    )


def test_the_request_says_itself_how_much_output_it_reserves():
    counted = count_request({**request("openai", TALK), "max_tokens": 127_000})
    assert counted.overflow() == 3327
    assert counted.overflow(100) == 0


def test_gemini_has_room_for_its_answer_beside_the_context_window():
    contents = [{"role": "user", "parts": [{"text": "hi"}]}]
    payload = {"model": "gemini-2.5-flash", "contents": contents}
    assert count_request(payload).overflow(65_536) == 0
    assert count_request(payload).overflow(2_000_000) == 0
