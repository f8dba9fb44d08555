"""A checkpoint folder with a feature extractor makes a row for sound, equal to the catalogue's."""

import csv
import json
from pathlib import Path

import pytest

import multitok
from multitok.catalog.from_hf import row_from_folder, to_toml
from multitok.catalog.from_hf_audio import AUDIO_READERS
from multitok.catalog.load import catalog
from multitok.core.errors import CatalogError
from multitok.core.info import AudioInfo

PREPROCESSOR, CONFIG, PROCESSOR = (
    "preprocessor_config.json", "config.json", "processor_config.json"
)  # fmt: skip
MEL = {"sampling_rate": 16000, "hop_length": 160, "win_length": 400, "n_fft": 512}
SEVEN = {"conv_kernel": [10, 3, 3, 3, 3, 2, 2], "conv_stride": [5, 2, 2, 2, 2, 2, 2]}


def extractor(name, **more):
    return {"feature_extractor_type": f"{name}FeatureExtractor", "sampling_rate": 16000, **more}


def whisper(kind, processor=None, config=None, bands=128, **more):
    return {
        PREPROCESSOR: extractor("Whisper", chunk_length=30, feature_size=bands, **more),
        CONFIG: {"model_type": kind, **(config or {})},
        **({PROCESSOR: processor} if processor else {}),
    }


# the catalogue's model -> the files of its folder, as the classes of transformers 5.23.0 save them
FOLDERS = {
    "facebook/wav2vec2-base-960h": {
        PREPROCESSOR: extractor("Wav2Vec2"), CONFIG: {"model_type": "wav2vec2", **SEVEN},
    },
    "microsoft/wavlm-base": {
        PREPROCESSOR: extractor("Wav2Vec2"), CONFIG: {"model_type": "wavlm", **SEVEN},
    },
    "UsefulSensors/moonshine-tiny": {
        PREPROCESSOR: extractor("Wav2Vec2"), CONFIG: {"model_type": "moonshine"},
    },
    "nvidia/parakeet-ctc-1.1b": {
        PREPROCESSOR: extractor("Parakeet", **MEL),
        CONFIG: {"model_type": "parakeet_ctc", "encoder_config": {"subsampling_factor": 8}},
    },
    "google/medasr": {PREPROCESSOR: extractor("Lasr", **MEL)},
    "ibm-granite/granite-speech-3.3-8b": {
        PROCESSOR: {
            "audio_processor": extractor(
                "GraniteSpeech", melspec_kwargs={"hop_length": 160, "n_fft": 512},
                projector_window_size=15, projector_downsample_rate=5,
            )
        }
    },
    "ibm-granite/granite-speech-5.0-470m-turboctc": {
        PREPROCESSOR: extractor("GraniteSpeech5", **MEL)
    },
    "facebook/w2v-bert-2.0": {PREPROCESSOR: extractor("SeamlessM4T", stride=2)},
    "microsoft/VibeVoice-ASR-HF": {
        PROCESSOR: {
            "feature_extractor": {
                **extractor("VibeVoiceAcousticTokenizer", pad_to_multiple_of=3200),
                "sampling_rate": 24000,
            }
        }
    },
    "MIT/ast-finetuned-audioset-10-10-0.4593": {
        PREPROCESSOR: extractor("AST", max_length=1024, num_mel_bins=128),
        CONFIG: {"patch_size": 16, "frequency_stride": 10, "time_stride": 10},
    },
    "Qwen/Qwen3-ASR-1.7B": {PREPROCESSOR: extractor("Qwen3ASR", n_window=50, min_length=8000)},
    "zai-org/GLM-ASR-Nano-2512": whisper("glmasr", {"max_audio_len": 655}),
    "nvidia/audio-flamingo-3-hf": whisper("audioflamingo3", {"max_audio_len": 600}),
    "nvidia/music-flamingo-2601-hf": whisper("musicflamingo", {"max_audio_len": 1200}),
    "openai/whisper-tiny": whisper("whisper", config={"max_source_positions": 1500}, bands=80),
    "Qwen/Qwen2-Audio-7B-Instruct": whisper("qwen2_audio"),
    "mistralai/Voxtral-Mini-3B-2507": whisper(
        "voxtral",
        config={
            "audio_config": {
                "max_source_positions": 1500, "hidden_size": 1280, "intermediate_size": 5120,
            }
        },
    ),
    "facebook/encodec_32khz": {
        PREPROCESSOR: {**extractor("Encodec"), "sampling_rate": 32000},
        CONFIG: {
            "model_type": "encodec", "upsampling_ratios": [8, 5, 4, 4],
            "target_bandwidths": [2.2], "codebook_size": 2048,
        },
    },
    "descript/dac_44khz": {
        PREPROCESSOR: {**extractor("Dac", hop_length=512), "sampling_rate": 44100},
        CONFIG: {"n_codebooks": 9},
    },
    "google/gemma-3n-E2B-it": {
        PREPROCESSOR: extractor("Gemma3nAudio"), CONFIG: {"audio_soft_tokens_per_image": 188},
    },
    "google/gemma-4-E2B-it": {
        PROCESSOR: {"audio_seq_length": 750, "feature_extractor": extractor("Gemma4Audio")}
    },
    "microsoft/Phi-4-multimodal-instruct": {
        PREPROCESSOR: extractor("Phi4Multimodal", audio_compression_rate=8, **MEL)
    },
}  # fmt: skip
with (Path(__file__).parent.parent / "golden" / "sounds.csv").open(encoding="utf-8") as file:
    LENGTHS = sorted({int(row["samples"]) for row in csv.DictReader(file)})


def written(tmp_path, files):
    folder = tmp_path / "mine"
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_text(json.dumps(data), "utf-8")
    return folder


@pytest.mark.parametrize("model", FOLDERS)
def test_the_row_counts_as_the_catalogue_does(model, tmp_path):
    """Over every length of the golden rows, by the file that is printed."""
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(row_from_folder(written(tmp_path, FOLDERS[model]))), "utf-8")
    ours = catalog(str(file)).model("mine").rule("audio").counter()
    theirs = multitok.tokenizer_for_model(model, "audio")
    rate = theirs.sample_rate
    for samples in LENGTHS:
        sound = AudioInfo(samples, rate)
        assert ours.count(sound) == theirs.count(sound), f"{samples} samples"


def test_every_reader_is_tried():
    kinds = {
        data["feature_extractor_type"]
        for files in FOLDERS.values()
        for part in files.values()
        for data in (part, *(nested for nested in part.values() if isinstance(nested, dict)))
        if "feature_extractor_type" in data
    }
    assert set(AUDIO_READERS) == kinds


def test_a_model_that_sees_and_hears_has_both(tmp_path):
    """Qwen2.5-Omni keeps both in one file."""
    files = whisper("qwen2_5_omni")
    files[PREPROCESSOR] |= {
        "image_processor_type": "Qwen2VLImageProcessor", "min_pixels": 3136,
        "max_pixels": 12845056, "patch_size": 14, "merge_size": 2, "temporal_patch_size": 2,
        "chunk_length": 300,
    }  # fmt: skip
    row = row_from_folder(written(tmp_path, files))
    assert (row["image"]["tokenizer"], row["audio"]["tokenizer"]) == ("fit-merge", "pooled-mel")
    assert row["audio"]["params"]["max_seconds"] == 300


@pytest.mark.parametrize(
    ("config", "hop", "books"),
    [  # 1,500 bits a second are 75 frames of 2 x 10; Mimi's halves its frames, and has 32 books
        ({"model_type": "encodec", "upsampling_ratios": [8, 5, 4, 2], "codebook_size": 1024,
          "target_bandwidths": [1.5, 3.0, 6.0, 12.0, 24.0]}, 320, 2),
        ({"model_type": "mimi", "upsampling_ratios": [8, 6, 5, 4], "num_quantizers": 32}, 1920, 32),
    ],
)  # fmt: skip
def test_a_codec_has_the_books_that_its_class_makes_unasked(config, hop, books, tmp_path):
    files = {PREPROCESSOR: {**extractor("Encodec"), "sampling_rate": 24000}, CONFIG: config}
    params = row_from_folder(written(tmp_path, files))["audio"]["params"]
    assert params == {"sample_rate": 24000, "hop": hop, "codebooks": books}


@pytest.mark.parametrize("wrong", [
    {"target_bandwidths": [1e308]}, {"target_bandwidths": [-1.0]}, {"target_bandwidths": []},
    {"codebook_size": 1}, {"upsampling_ratios": [0]}, {"upsampling_ratios": []},
])  # fmt: skip
def test_numbers_of_no_codec_are_refused_by_name(wrong, tmp_path):
    config = {"upsampling_ratios": [8, 5], "codebook_size": 1024, "target_bandwidths": [6.0]}
    files = {
        PREPROCESSOR: extractor("Encodec"),
        CONFIG: {"model_type": "encodec", **config, **wrong},
    }
    with pytest.raises(CatalogError, match=next(iter(wrong))):
        row_from_folder(written(tmp_path, files))


def test_an_adapter_shortens_further(tmp_path):
    files = {
        PREPROCESSOR: extractor("Wav2Vec2"),
        CONFIG: {
            "model_type": "wav2vec2", **SEVEN, "add_adapter": True, "adapter_stride": 2,
            "num_adapter_layers": 3,
        },
    }  # fmt: skip
    layers = row_from_folder(written(tmp_path, files))["audio"]["params"]["layers"]
    assert layers[7:] == [[1, 2, 0]] * 3  # as its own arithmetic has it: a kernel of 1


@pytest.mark.parametrize(
    ("files", "name", "message"),
    [
        (
            {PREPROCESSOR: extractor("Wav2Vec2"), CONFIG: {"model_type": "wav2vec2"}},
            CONFIG,
            "lacks 'conv_kernel', which strided-convolutions needs",
        ),
        (
            {PREPROCESSOR: extractor("Wav2Vec2"), CONFIG: {"model_type": "sew"}},
            CONFIG,
            "model_type 'sew' is none of data2vec-audio, hubert, moonshine, unispeech,"
            " unispeech-sat, wav2vec2, wav2vec2-conformer, wavlm",
        ),
        (
            {
                PREPROCESSOR: extractor("Wav2Vec2"),
                CONFIG: {
                    "model_type": "wav2vec2",
                    **SEVEN,
                    "add_adapter": True,
                    "adapter_stride": 2,
                    "num_adapter_layers": 10**9,
                },
            },
            CONFIG,
            "num_adapter_layers must be at most 64, got 1000000000",
        ),
        (
            {PREPROCESSOR: {"feature_extractor_type": ["WhisperFeatureExtractor"]}},
            PREPROCESSOR,
            "feature_extractor_type must be a text, got ['WhisperFeatureExtractor']",
        ),
        (whisper("glmasr"), PROCESSOR, "lacks 'max_audio_len', which pooled-mel needs"),
    ],
)
def test_what_a_file_lacks_is_named(files, name, message, tmp_path):
    folder = written(tmp_path, files)
    with pytest.raises(CatalogError) as raised:
        row_from_folder(folder)
    assert str(raised.value) == f"{folder / name}: {message}"
