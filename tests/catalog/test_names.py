"""Which names find a model, and which must not: spellings, hosts, packagers, families of names."""

import csv
import re
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, strategies as st

import multitok
from multitok.catalog.finding import Names
from multitok.catalog.load import catalog
from multitok.catalog.names import folded
from multitok.core.errors import CatalogError, UnknownNameError, UnknownRuleError
from multitok.core.info import ImageInfo

sys.path.append(str(Path(__file__).parents[2] / "tools"))
import known_names

HERE = Path(__file__).parent
ROWS = {model.id: model for model in catalog().models()}
NAMES = catalog().names


def listed(name):
    with (HERE / name).open(encoding="utf-8") as file:
        return [row["name"] for row in csv.DictReader(file)]


LISTED = [*listed("names_hosted.csv"), *listed("names_open.csv")]


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("GPT-4o", "gpt-4o"),
        ("claude-opus-4.6", "claude-opus-4-6"),
        ("claude-4.5-haiku", "claude-haiku-4-5"),
        ("claude-opus-4-6[1m]", "claude-opus-4-6"),
        ("claude-sonnet-4@default", "claude-sonnet-4-0"),
        ("databricks-gemini-2-5-flash", "gemini-2.5-flash"),
        ("anthropic--claude-4-opus", "claude-opus-4-0"),
        ("duo-chat-haiku-4-5", "claude-haiku-4-5"),
        ("jp.anthropic.claude-opus-4-7", "claude-opus-4-7"),
        ("us-gov.anthropic.claude-3-5-sonnet-20240620-v1:0", "claude-3-5-sonnet-20240620"),
        ("moonshotai.kimi-k2.5", "kimi-k2.5"),
        ("kimi-k2p6", "kimi-k2.6"),
        ("accounts/fireworks/models/kimi-k2p6", "kimi-k2.6"),
        ("publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("projects/p/locations/l/publishers/anthropic/models/claude-opus-4-6", "claude-opus-4-6"),
        ("accounts/fireworks/models/llama-v3p3-70b-instruct", "meta-llama/Llama-3.3-70B-Instruct"),
        ("openrouter:openai/gpt-4o", "gpt-4o"),
        ("gateway/groq:openai/gpt-oss-120b", "gpt-oss-120b"),
        ("gateway/openai:ft:gpt-4o:org::id", "gpt-4o"),
        ("gateway/bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"),
        ("nvidia/meta/llama-3.3-70b-instruct", "meta-llama/Llama-3.3-70B-Instruct"),
        ("modal/nvidia/GLM-5.3-Flash-NVFP4", "zai-org/GLM-5.3-Flash"),
        ("deepseek:v3", "deepseek-ai/DeepSeek-V3"),
        ("bedrock/us-east-1/anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("arn:aws:bedrock:us-east-1::foundation-model/cohere.command-a", "command-a-03-2025"),
        ("somerouter/openai/gpt-4o", "gpt-4o"),
        ("qwen/qwen3.5-397b-a17b", "Qwen/Qwen3.5-397B-A17B"),
        ("Qwen/Qwen2.5-VL-72B-Instruct-AWQ", "Qwen/Qwen2.5-VL-72B-Instruct"),
        ("unsloth/Qwen2.5-VL-7B-Instruct-unsloth-bnb-4bit", "Qwen/Qwen2.5-VL-7B-Instruct"),
        ("lmstudio-community/gemma-3-27b-it-GGUF", "google/gemma-3-27b-it"),
        ("mlx-community/Qwen3.5-9B-MLX-4bit", "Qwen/Qwen3.5-9B"),
        ("openrouter/google/gemma-3-4b-it:free", "google/gemma-3-4b-it"),
    ],
)  # fmt: skip
def test_another_spelling_is_no_other_model(name, row):
    found = NAMES.find(name)
    assert found is not None
    assert (found.row, found.kind) == (row, "exact")


OLLAMA = {
    "deepseek-r1:7b": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
    "deepseek-r1:70b": "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
    "deepseek-r1:671b": "deepseek-ai/DeepSeek-R1",
    "mistral-nemo:12b": "mistralai/Mistral-Nemo-Instruct-2407",
    "mistral-small:24b": "mistralai/Mistral-Small-24B-Instruct-2501",
    "phi3:3.8b": "microsoft/Phi-3-mini-4k-instruct",
    "phi4-mini:3.8b": "microsoft/Phi-4-mini-instruct",
    "codellama:7b": "codellama/CodeLlama-7b-Instruct-hf",
    "hermes3:8b": "NousResearch/Hermes-3-Llama-3.1-8B",
    "glm4:9b": "zai-org/glm-4-9b-chat-hf",
    "llama3.1:8b": "meta-llama/Llama-3.1-8B-Instruct",
    "qwen3:8b": "Qwen/Qwen3-8B",
    "mistral:7b": "mistralai/Mistral-7B-Instruct-v0.3",
}
"""What Ollama's library calls open weights, where their own name is another."""


@pytest.mark.parametrize("around", ["{}", "ollama/{}", "ollama:{}", "{}-q4_K_M"])
@pytest.mark.parametrize(("tag", "row"), OLLAMA.items())
def test_a_tag_of_ollama_s_library_is_those_weights(tag, row, around):
    assert NAMES.find(around.format(tag)).row == row


def test_a_tag_that_moved_is_an_estimate():
    found = NAMES.find("ollama/deepseek-r1:8b")
    assert (found.row, found.kind) == ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "estimate")


FRAMEWORKS = {
    "anthropic azure azure_openai azure_ai google_anthropic_vertex anthropic_bedrock"
    " litellm litellm_proxy gateway openrouter heroku github github_models bedrock"
    " bedrock_converse amazon-bedrock": "claude-sonnet-4-5",
    "google_genai google_vertexai google-gla google-vertex vertexai vertex_ai_beta google"
    " gemini google-ai-studio googleai": "gemini-2.5-flash",
    "mistralai mistral": "mistral-large-latest",
    "xai grok x-ai": "grok-4",
    "voyage voyageai": "voyage-3",
    "groq cerebras together fireworks huggingface nvidia siliconflow deepinfra lambda_ai ovhcloud"
    " nebius novita ollama vllm": "Qwen/Qwen3-32B",
}
"""Words that frameworks and their providers write in front of a model: LangChain, Pydantic AI,
LiteLLM, Vercel's SDK."""


@pytest.mark.parametrize("sign", ["/", ":"])
@pytest.mark.parametrize(
    ("word", "model"),
    [(word, model) for words, model in FRAMEWORKS.items() for word in words.split()],
)
def test_a_framework_s_word_in_front_changes_no_model(word, model, sign):
    assert NAMES.find(f"{word}{sign}{model}").row == NAMES.find(model).row


@given(st.sampled_from(sorted(ROWS)), st.sampled_from(["openrouter", "azure", "litellm"]))
def test_a_colon_behind_a_word_in_front_is_a_slash(row, word):
    assert NAMES.find(f"{word}:{row}") == NAMES.find(f"{word}/{row}")


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("gpt-5.1-chat-latest", "gpt-5.1"),
        ("Qwen/Qwen3-VL-4B-Thinking-FP8", "Qwen/Qwen3-VL-8B-Instruct"),
        ("qwen3-vl:235b-instruct", "Qwen/Qwen3-VL-8B-Instruct"),
        ("Qwen/Qwen3.6-35B-A3B", "Qwen/Qwen3.5-9B"),
        ("gemma3:27b", "google/gemma-3-27b-it"),
        ("google/gemma-4-31B-it", "google/gemma-4-26B-A4B-it"),
        ("OpenGVLab/InternVL3_5-14B-MPO", "OpenGVLab/InternVL3_5-8B-HF"),
        ("llama3.2-vision:11b", "meta-llama/Llama-3.2-11B-Vision-Instruct"),
        ("meta.llama4-maverick-17b-instruct-v1:0", "meta-llama/Llama-4-Maverick-17B-128E-Instruct"),
        ("google/paligemma2-28b-pt-448", "google/paligemma-3b-pt-448"),
        ("ministral-3:8b", "ministral-8b-2512"),
    ],
)
def test_a_sibling_is_counted_by_its_family_s_rule_as_an_estimate(name, row):
    found = NAMES.find(name)
    assert found is not None
    assert (found.row, found.same, found.kind) == (row, False, "estimate")
    runtime = catalog().model(name).rules["image"].options.get("runtime")  # a tag is Ollama's
    options = {"runtime": runtime["default"]} if runtime else {}
    counted = multitok.count(ImageInfo(640, 480), model=name)
    own = multitok.count(ImageInfo(640, 480), model=row, options=options)
    assert counted.tokens == own.tokens
    assert (counted.model, counted.kind) == (name, "estimate")
    assert counted.notes[0] == found.note


@pytest.mark.parametrize(
    "name",
    [
        "Qwen2.5-VL-7B-Instruct-GGUF",
        "lmstudio/qwen2.5-vl-7b-instruct",
        "Qwen2.5-VL-7B-Instruct-AWQ",
    ],
)
def test_what_is_packed_or_runs_here_is_the_open_weights_and_not_what_their_maker_sells(name):
    assert NAMES.find(name).row == "Qwen/Qwen2.5-VL-7B-Instruct"
    assert NAMES.find("qwen2.5-vl-7b-instruct").row == "qwen2.5-vl-7b-instruct"


def test_what_runs_here_has_no_price_and_a_tuned_model_has_its_own():
    text = multitok.Text("hello")
    assert multitok.cost(text, model="ollama/gpt-oss:20b").high is None
    tuned = multitok.cost(text, model="ft:gpt-4o-2024-08-06:org::abc").high
    assert tuned == multitok.cost(text, model="gpt-4o").high * 3 / 2  # $3.75 for $2.50


def test_a_mode_of_open_weights_may_be_another_checkpoint():
    assert NAMES.find("Qwen/Qwen3.5-9B-Thinking").kind == "estimate"


@pytest.mark.parametrize(
    "name",
    [
        # generations that are not there yet, and siblings that never were
        "gpt-7", "gpt-5.9", "gpt-5-turbo", "claude-opus-7", "Qwen/Qwen4-VL-8B-Instruct",
        "qwen4-vl:8b", "Qwen/Qwen3.9-27B", "Qwen/Qwen4-27B", "gemini-5-flash", "gemini-3.9-flash",
        "llama-5-scout", "llama-4-behemoth", "OpenGVLab/InternVL4-8B", "internvl3.6-8b",
        "gemma-5-27b-it", "google/gemma-4.1-9b-it", "kimi-k2.8", "kimi-k4", "grok-5",
        "mistral-small-9", "ministral-4-8b", "paligemma3-3b-pt-224", "MiniMax-M4", "glm-4.7v",
        # a size that never was
        "qwen3-30b-a3b-vl",
        # one maker's model by another's name, and a stranger's by theirs
        "qwen/gpt-4o", "openai/claude-opus-4-6", "mistralai/claude-3-opus", "somebody/gpt-4o",
        "us.meta.gpt-4o", "us.amazon.claude-opus-4-6-v1:0", "ft:claude-opus-4-6:x",
        # sizes that nobody published, days that are none, modes of what has none
        "Qwen3-VL-7B", "InternVL3-7B", "gemma-4-1b", "gpt-4o-9999", "gpt-4o-2024-99-99",
        "claude-opus-4-5-99999999", "gemini-2.5-flash-999", "gpt-4o-minimal",
        "text-embedding-3-small-high", "claude-3-opus-fast", "deepseek-r1-distill",
        # what cannot run anywhere but at its maker's
        "ollama/gpt-4o", "lmstudio/claude-opus-4-5", "vllm/gemini-2.5-flash",
        # weights that nobody has
        "gpt-4o-gguf", "gpt-5-fp8", "claude-opus-4-6-uncensored", "gemini-2.5-flash-awq",
        # parts of names, words of the grammar alone, misspellings
        "claude", "opus", "gpt", "free", "thinking", "gguf", "4-5", "databricks-", "openrouter/",
        "Qwen/Qwen3-VL-8B-Instrct", "llava-1.7-7b", "nova-lite-v2", "amazon.nova-lite-v9:0",
        # makes pictures, or clips, and takes none
        "qwen-image-edit", "cosmos-predict1-5b", "grok-imagine-image", "lucid-origin",
    ],
)  # fmt: skip
def test_a_wrong_name_stays_unknown(name):
    assert NAMES.find(name) is None


@pytest.mark.parametrize("name", ["llama-3.2-3b-instruct", "gemma-3-1b-it", "gemma-3-270m"])
def test_what_takes_text_alone_has_no_number_for_a_picture(name):
    with pytest.raises(UnknownRuleError, match="takes text"):
        multitok.count(ImageInfo(640, 480), model=name)


@pytest.mark.parametrize("name", LISTED)
def test_no_name_belongs_to_two_families(name):
    assert len(NAMES.families_of(name)) <= 1


PATTERNS = [(pattern, row.id) for row in ROWS.values() for pattern in row.family]
ASCII = st.characters(codec="ascii")


@pytest.mark.parametrize(("pattern", "row"), PATTERNS)
@given(data=st.data())
def test_every_name_of_a_pattern_is_its_own_row_s_alone(pattern, row, data):
    name = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=ASCII))
    assume(folded(name) == name)
    assert NAMES.families_of(name) == {row}
    assert NAMES.find(name) is not None


SIZED = re.compile(r"(?<![\da-z.])\d+(\.\d+)?b(?![a-z])", re.IGNORECASE)


@pytest.mark.parametrize(
    "name", [name for name in LISTED if NAMES.find(name) and SIZED.search(name)]
)
def test_a_size_that_was_never_published_is_no_model(name):
    assert NAMES.find(SIZED.sub("998b", name)) is None


@pytest.mark.parametrize("host", ["groq", "together", "fireworks_ai", "cerebras", "nim", "hf"])
def test_a_host_of_published_weights_sells_no_other_model(host):
    assert NAMES.find(f"{host}/gpt-4o") is None
    assert NAMES.find(f"{host}/anthropic/claude-opus-4-6") is None
    assert NAMES.find(f"{host}/openai/gpt-oss-120b").row == "gpt-oss-120b"


@pytest.mark.parametrize("row", [row for row in ROWS.values() if row.provider == "open"], ids=str)
def test_a_row_and_its_packed_weights_are_the_same_model(row):
    for ending in ("-FP8", "-AWQ", "-GPTQ-Int4", "-GGUF", "-MLX", "-bnb-4bit", "-bf16", ":free"):
        found = NAMES.find(f"{row.id}{ending}".upper())
        assert found is not None
        assert (found.row, found.kind) == (row.id, "exact"), ending


@given(
    st.sampled_from(sorted(ROWS)), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), st.integers(0, 40)
)
def test_a_letter_more_in_a_name_is_another_name(name, letter, place):
    """Unless what then stands there is another name of it, a family's, or a spelling of its version
    or of how it is packed: Llama-V3.1, _Q5."""
    assume(letter not in "VQ" or not name[place : place + 1].isdigit())
    other = name[:place] + letter + name[place:]
    found = NAMES.find(other)
    another = other.lower() in (alias.lower() for alias in ROWS[name].aliases)
    assert found is None or found.row != name or not found.same or another


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_none(name):
    found = NAMES.find(name)
    assert found is None or found.row in ROWS


def test_of_the_names_people_use_most_are_counted():
    """The bars: 80 % of the listings, 65 % of the checkpoints."""
    assert known_names.hosted().share >= 0.80
    assert known_names.checkpoints().share >= 0.65


def test_the_figures_of_the_page_are_those_of_today():
    page = (HERE.parents[1] / "docs" / "catalogue.md").read_text("utf-8")
    assert known_names.BEGIN + known_names.table() + known_names.END in page


def test_a_mode_of_a_host_is_counted_as_its_model_and_has_no_price_of_it():
    """Fast costs six times as much, and nobody wrote so into the list under this name."""
    counted = multitok.count(ImageInfo(640, 480), model="claude-opus-4-7-fast")
    assert counted.kind == multitok.count(ImageInfo(640, 480), model="claude-opus-4-7").kind
    assert counted.notes[0] == "counted as claude-opus-4-7: 'fast' is a mode or a tier of it"
    assert multitok.cost(ImageInfo(640, 480), model="claude-opus-4-7-fast").high is None


def test_weights_that_a_stranger_publishes_are_an_estimate():
    found = NAMES.find("somebody/Qwen3-VL-8B-Instruct")
    assert found is not None
    assert found.kind == "estimate"
    assert found.note == (
        "counted as Qwen/Qwen3-VL-8B-Instruct, as somebody published it: multitok models --from-hf"
        " DIR reads yours"
    )


@pytest.mark.parametrize(
    ("name", "modality", "message"),
    [
        (
            "Qwen/Qwen4-VL-8B-Instruct",
            "image",
            "unknown model 'Qwen/Qwen4-VL-8B-Instruct'. Did you mean 'Qwen/Qwen3-VL-8B-Instruct'?"
            " See: multitok models. For open weights: multitok models --from-hf DIR reads their"
            " rule",
        ),
        (
            "acme/words-7b",
            "text",
            "unknown model 'acme/words-7b'. See: multitok models. For open weights: their own file,"
            " -t hf -s path=tokenizer.json",
        ),
        (
            "kimi-latest-9",
            "text",
            "unknown model 'kimi-latest-9'. See: multitok models. To count anyway, name a"
            " tokenizer: --tokenizer o200k_base",
        ),
    ],
)
def test_an_unknown_name_is_answered_for_what_is_counted(name, modality, message):
    with pytest.raises(UnknownNameError) as caught:
        catalog().model(name, modality)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("family", "message"),
    [
        ('{ matches = "acme-.*" }', "family.matches must be a list (a text each), got"),
        ("{ matches = ['acme-('] }", "family.matches: 'acme-(': missing ), unterminated"),
        ("{ matches = ['.*'] }", "family.matches: '.*' must begin with a word of three letters"),
        ("{ matches = [], kind = 'exact' }", "family.kind must be 'documented' or"),
        ("{ matches = [], notes = 'x' }", "family: unknown key 'notes'. There are: matches, kind"),
        ("{ matches = ['acme-a{99999999999}'] }", "family.matches: 'acme-a{99999999999}': "),
    ],
)  # fmt: skip
def test_a_family_that_makes_no_sense_is_refused(tmp_path, family, message):
    path = tmp_path / "own.toml"
    path.write_text(f'[[model]]\nid = "acme"\nfamily = {family}\n')
    with pytest.raises(CatalogError) as caught:
        catalog(str(path))
    assert message in str(caught.value)


def test_a_family_of_one_s_own_is_counted(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        """
        [rules.flat]
        tokenizer = "image-flat"
        kind = "documented"
        source = "the manual"
        params = { tokens = 7 }
        [[model]]
        id = "acme-v1"
        image = "flat"
        family = { matches = ['acme-v1-(7|70)b'], kind = "documented", note = "as {}" }
        """
    )
    counted = multitok.count(ImageInfo(8, 8), model="Acme-V1-7B", catalog=str(path))
    assert (counted.tokens, counted.kind, counted.notes) == (7, "documented", ("as acme-v1",))


def test_names_are_compared_by_their_words():
    assert folded("Qwen/Qwen3_5-9B") == "qwen/qwen3-5-9b"
    assert Names({}).find("gpt-4o") is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("moonshot v1 vision", ["moonshot-v1-128k-vision-preview", "moonshot-v1-32k-vision-preview",
                                "moonshot-v1-8k-vision-preview"]),
        ("PALIGEMMA2 448", ["google/paligemma2-3b-pt-448", "google/paligemma2-3b-mix-448"]),
        ("opus 4.7", ["claude-opus-4-7"]),
        ("nobody's", []),
    ],
)  # fmt: skip
def test_models_are_searched_by_the_words_of_their_names(query, found):
    assert [model.id for model in multitok.models(query=query)] == found
