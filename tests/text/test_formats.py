"""Tokenizer files of other shapes than tokenizer.json: the same tokens, or an error."""

import struct
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner
from nasty import corpus
from tokenizers import Tokenizer as Reference, models, pre_tokenizers, trainers

import multitok
from multitok import SourceError, Text, get_tokenizer
from multitok.cli import multitok as commands
from multitok.modalities.text import carried, vocabulary
from multitok.modalities.text.hf_file import TokenizerFile

MISTRAL = Path(find_spec("mistral_common").origin).parent / "data"
TEXTS = [Text(text).text for text in corpus()]
SPACE = "\u2581"
TAKEN = (
    "It takes tokenizer.json, tokenizer.model (SentencePiece), .tiktoken, tekken.json, vocab.txt"
    " (WordPiece), vocab.json with merges.txt, or a folder with one of them"
)


def ids_of(tokenizer, text):
    return tokenizer.encode(Text(text)).ids.tolist()


@pytest.mark.parametrize(
    ("file", "published"),
    [
        ("tokenizer.model.v1", "mistral-v1"),
        ("mistral_instruct_tokenizer_240323.model.v3", "mistral-v3"),
        ("tekken_240718.json", "tekken"),
    ],
)
def test_a_mistral_file_gives_the_ids_of_its_own_library(file, published):
    """Those that oracle/test_vocabularies.py holds to sentencepiece and mistral-common."""
    tokenizer = get_tokenizer("hf", path=str(MISTRAL / file))
    for text in TEXTS:
        known = [i for ids, _ in carried.carried(published).parts(text) for i in ids]
        assert ids_of(tokenizer, text) == known
        assert tokenizer.count(Text(text)) == len(known)


@pytest.fixture(scope="module")
def ranks(tmp_path_factory):
    file = tmp_path_factory.mktemp("ranks") / "cl100k_base.tiktoken"
    file.write_bytes(vocabulary.load("cl100k_base").rank_file())
    return file


def test_a_published_rank_file_is_known_by_its_digest(ranks):
    tokenizer, bundled = get_tokenizer("hf", path=str(ranks)), get_tokenizer("cl100k_base")
    for text in TEXTS:
        made, known = tokenizer.encode(Text(text)), bundled.encode(Text(text))
        assert made.ids.tolist() == known.ids.tolist()
        assert tokenizer.decode(made).text == text


def test_tokens_that_share_a_character_share_its_span(ranks):
    """The face is 4 bytes in three tokens, each of which stands for all of it."""
    made = get_tokenizer("hf", path=str(ranks)).encode(Text("a👩"))
    assert made.positions.tolist() == [[0, 1], [1, 5], [1, 5], [1, 5]]


def test_other_ranks_need_a_pattern(ranks, tmp_path):
    file = tmp_path / "mine.tiktoken"
    file.write_bytes(b"".join(ranks.read_bytes().splitlines(keepends=True)[:500]))
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(file)).count(Text("a"))
    assert str(error.value) == (
        f"{file}: a file of ranks does not say how a text is cut: -s pattern=NAME (o200k_base,"
        " o200k_harmony, cl100k_base, p50k_base, r50k_base, gpt-2, llama-3, kimi, qwen-2,"
        " qwen-3.5), or the regular expression itself"
    )
    for pattern in ("llama-3", "kimi", "(?s).+"):
        assert get_tokenizer("hf", path=str(file), pattern=pattern).count(Text("a b c")) > 0


def test_qwen_s_ranks_see_a_text_composed(ranks):
    tokenizer = get_tokenizer("hf", path=str(ranks), pattern="qwen-2")
    assert ids_of(tokenizer, "e\u0301") == ids_of(tokenizer, "\u00e9")


def test_a_line_that_is_no_rank_is_named(tmp_path):
    file = tmp_path / "mine.tiktoken"
    file.write_text("IQ== 0\nIg== one\n")
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(file)).count(Text("a"))
    assert str(error.value) == (f"{file}: line 2 is no token in base64 and its rank: b'Ig== one'")


def test_a_tekken_file_is_checked_before_it_is_used(tmp_path):
    file = tmp_path / "tekken.json"
    file.write_text('{"config": {"pattern": 3}, "vocab": []}')
    with pytest.raises(SourceError, match="not a tekken"):
        get_tokenizer("hf", path=str(file)).count(Text("a"))


@pytest.fixture
def merges(tmp_path):
    """A byte-level BPE that is trained here, and its two files."""
    tokenizer = Reference(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.model.save(str(tmp_path))
    return tokenizer


@pytest.mark.parametrize("given", ["", "vocab.json", "merges.txt"])
def test_a_vocab_json_and_its_merges_are_gpt_2_s_format(merges, tmp_path, given):
    tokenizer = get_tokenizer("hf", path=str(tmp_path / given))
    for text in TEXTS:
        assert ids_of(tokenizer, text) == merges.encode(text).ids


def test_half_of_the_pair_is_not_enough(merges, tmp_path):
    (tmp_path / "merges.txt").unlink()
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(tmp_path / "vocab.json")).count(Text("a"))
    assert str(error.value) == f"{tmp_path / 'vocab.json'}: needs merges.txt beside it"


def test_a_vocabulary_of_clip_is_refused(tmp_path):
    (tmp_path / "vocab.json").write_text('{"a</w>": 0}')
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(tmp_path)).count(Text("a"))
    assert str(error.value) == (
        f"{tmp_path / 'vocab.json'}: its tokens end in </w>, as CLIP's: pass its tokenizer.json"
    )


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "hello", "world", "##s", ","]


@pytest.mark.parametrize(
    ("words", "text", "ids"),
    [
        (WORDS, "Hello, worlds", [2, 4, 7, 5, 6, 3]),  # no capital in it: letters are made small
        ([*WORDS, "H"], "Hello, worlds", [2, 1, 7, 5, 6, 3]),  # cased: "Hello" is unknown
        (WORDS[:2] + WORDS[4:], "hello world", [2, 3]),  # no [CLS] and [SEP] to put around it
    ],
)
def test_a_vocab_txt_is_word_piece(tmp_path, words, text, ids):
    (tmp_path / "vocab.txt").write_text("\n".join(words) + "\n")
    assert ids_of(get_tokenizer("hf", path=str(tmp_path)), text) == ids


def message(*fields):
    """A protocol buffer: (number, whole number | bytes | float) in order; sizes below 128."""
    parts = []
    for number, value in fields:
        if isinstance(value, float):
            parts.append(bytes([number << 3 | 5]) + struct.pack("<f", value))
        elif isinstance(value, int):
            key = number << 3
            parts.append(
                (bytes([key & 127 | 128, key >> 7]) if key > 127 else bytes([key])) + bytes([value])
            )
        else:
            size = len(value)
            length = bytes([size & 127 | 128, size >> 7]) if size > 127 else bytes([size])
            parts.append(bytes([number << 3 | 2]) + length + value)
    return b"".join(parts)


def model(kind, pieces, *, squeeze=0, prefix=1, charsmap=b""):
    """A SentencePiece model; a piece is (text, score) or (text, score, type)."""
    rows = []
    for piece in pieces:
        text, score, *of_type = piece
        rows.append((1, message((1, text.encode()), (2, float(score)), *((3, t) for t in of_type))))
    mapped = ((2, charsmap),) if charsmap else ()
    normalizer = message(*mapped, (3, prefix), (4, squeeze))
    return message(*rows, (2, message((3, kind))), (3, normalizer))


PIECES = [
    ("<unk>", 0, 2), ("<s>", 0, 3), ("<think>", 0, 4), (SPACE, -9), ("a", -8), ("b", -7),
    ("ab", -1), (f"{SPACE}ab", -2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "ids"),
    [
        (2, "ab", [7]),  # ▁ab: the space is put before it
        (2, "ab ab", [7, 7]),
        (2, "a b", [3, 4, 3, 5]),
        (2, "<think>ab", [2, 7]),  # each stretch between added tokens begins anew
        (2, "z", [3, 0]),
        (1, "ab", [7]),
        (1, "ba", [3, 5, 4]),
        (1, " ab", [3, 7]),
    ],
)
def test_a_sentencepiece_model_of_eight_pieces(tmp_path, kind, text, ids):
    """Type 1 is Unigram: the best sum of scores; 2 is BPE: the best pair first."""
    file = tmp_path / "tokenizer.model"
    file.write_bytes(model(kind, PIECES))
    assert ids_of(get_tokenizer("hf", path=str(file)), text) == ids


def test_spaces_are_squeezed_where_the_model_says_so(tmp_path):
    file = tmp_path / "tokenizer.model"
    file.write_bytes(model(2, PIECES, squeeze=1))
    assert ids_of(get_tokenizer("hf", path=str(file)), "  ab   ab ") == [7, 7]


def test_a_model_without_a_prefix_begins_as_the_text_does(tmp_path):
    file = tmp_path / "tokenizer.model"
    file.write_bytes(model(2, PIECES, prefix=0))
    assert ids_of(get_tokenizer("hf", path=str(file)), "ab ab") == [6, 7]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (model(3, PIECES), "a SentencePiece model of type WORD; BPE and UNIGRAM are read"),
        (b"\n\x05\n\x01a\xff\xff", "not a SentencePiece model (it ends inside a field)"),
        (b"\n\x05\n\x01a", "not a SentencePiece model (a broken field at byte 2)"),
    ],
)
def test_a_broken_sentencepiece_model(tmp_path, data, why):
    file = tmp_path / "tokenizer.model"
    file.write_bytes(data)
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(file)).count(Text("a"))
    assert str(error.value) == f"{file}: {why}"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0"),
        ("notes.txt", b"some words\nof text\n"),
        ("config.json", b'{"vocab_size": 3.5, "architectures": []}'),
        ("empty.txt", b""),
    ],
)
def test_a_wrong_file_says_what_is_taken(tmp_path, name, data):
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(file)).count(Text("a"))
    assert str(error.value) == f"{file}: not a tokenizer file. {TAKEN}"


def test_a_folder_without_one_says_what_is_taken(tmp_path):
    with pytest.raises(SourceError) as error:
        get_tokenizer("hf", path=str(tmp_path)).count(Text("a"))
    assert str(error.value) == f"{tmp_path}: no tokenizer file. {TAKEN}"


def test_a_model_s_file_in_the_cache_may_be_of_any_shape(tmp_path, monkeypatch):
    monkeypatch.setattr(carried, "installed", lambda name: False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--a--b" / "snapshots" / "main"
    folder.mkdir(parents=True)
    (folder / "tokenizer.model").write_bytes(model(2, PIECES))
    tokenizer = get_tokenizer("published", vocabulary="llama-2", repo="a/b")
    assert (tokenizer.count(Text("ab ab")), tokenizer.kind_at_hand()) == (2, "exact")


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        (["count", "--text", "ab ab ab", "-q"], "3\n"),
        (["truncate", "FILE", "--max-tokens", "2"], "ab ab"),
        (["split", "FILE", "--max-tokens", "2"], "ab ab\0 ab"),
        (["efficiency", "FILE", "--jsonl"], '"tokens": 3'),
    ],
)
def test_a_file_is_named_in_every_command_that_cuts_or_counts(tmp_path, command, printed):
    (tmp_path / "tokenizer.model").write_bytes(model(2, PIECES))
    text = tmp_path / "text.txt"
    text.write_text("ab ab ab")
    words = [str(text) if word == "FILE" else word for word in command]
    done = CliRunner().invoke(commands, [*words, "-t", "hf", "-s", f"path={tmp_path}"])
    assert done.exit_code == 0, done.output
    assert printed in done.output


def test_a_file_is_named_in_every_call_that_cuts_or_counts(tmp_path):
    (tmp_path / "tokenizer.model").write_bytes(model(2, PIECES))
    given = {"tokenizer": "hf", "options": {"path": str(tmp_path)}}
    assert multitok.count("ab ab ab", modality="text", **given).tokens == 3
    assert multitok.truncate("ab ab ab", 2, **given).text == "ab ab"
    assert list(multitok.split("ab ab ab", 2, **given)) == ["ab ab", " ab"]


@pytest.mark.parametrize(
    ("kind", "squeeze", "told"),
    [(2, 0, "exact"), (2, 1, "documented"), (1, 0, "documented")],
)
def test_a_model_that_is_read_a_little_differently_is_not_exact(tmp_path, kind, squeeze, told):
    """oracle/test_vocabularies.py: equal ids for BPE models of Llama's kind, not for all others."""
    (tmp_path / "tokenizer.model").write_bytes(model(kind, PIECES, squeeze=squeeze))
    counted = multitok.count("ab", modality="text", tokenizer="hf", options={"path": str(tmp_path)})
    assert counted.kind == told
    assert [note for note in counted.notes if "U+2581" in note] == list(counted.notes)
    assert bool(counted.notes) == (told == "documented")


def test_a_map_of_characters_is_exact_only_in_a_tokenizer_json():
    """There `tokenizers` is the reference itself."""
    maps = ({"type": "Precompiled"},)
    assert TokenizerFile({}, maps, (), (), converted=True).nearly
    assert not TokenizerFile({}, maps, (), ()).nearly


def test_a_control_piece_spelled_in_a_text_is_text(tmp_path):
    """As in SentencePiece, which never makes "<s>": here its characters are one unknown."""
    for kind in (1, 2):
        (tmp_path / "tokenizer.model").write_bytes(model(kind, PIECES))
        assert ids_of(get_tokenizer("hf", path=str(tmp_path)), "<s>") == [3, 0]
