"""Names of tokenizers: a static table, what this process registered, then installed plugins.

The table holds "module:Class" strings, so listing imports nothing and a class is imported when it
is asked for. Plugins come by the entry-point group `multitok.tokenizers`; installed distributions
are scanned only for an unknown name or a listing (a scan costs 40 ms), and a plugin is loaded only
when it is named. A built-in cannot be shadowed, and one broken plugin never breaks another name.
MULTITOK_NO_PLUGINS=1 turns plugins off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from multitok.core.errors import DuplicateNameError, PluginError, UnknownNameError
from multitok.core.info import MODALITIES
from multitok.core.making import made, target_of
from multitok.core.tokenizer import TokenCounter, Tokenizer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINT_GROUP = "multitok.tokenizers"

AnyCounter = TokenCounter[Any, Any]
ClassT = TypeVar("ClassT", bound=type[AnyCounter])

_TEXT = "multitok.modalities.text."
_GRIDS = "multitok.modalities.image.grids."
_CODED = "multitok.modalities.image.coded."
_TILES = "multitok.modalities.image.tiles."
_HOSTED = "multitok.modalities.image.hosted."
_VIDEO = "multitok.modalities.video."
_AUDIO = "multitok.modalities.audio."
_SERIES = "multitok.modalities.series."
_ACTIONS = "multitok.modalities.actions."
_PDF = "multitok.modalities.pdf."

BUILT_IN: dict[str, str] = {
    # text
    "bpe": _TEXT + "bpe:BpeTokenizer",
    "bytes": _TEXT + "bytes:BytesTokenizer",
    "claude-text": _TEXT + "ratio:ClaudeTextCounter",
    "characters": _TEXT + "characters:CharactersTokenizer",
    "hf": _TEXT + "hf:HfTokenizer",
    "published": _TEXT + "published:PublishedTokenizer",
    "text-linear": _TEXT + "linear:LinearTextCounter",
    "text-ratio": _TEXT + "ratio:TextRatioCounter",
    "words": _TEXT + "words:WordsTokenizer",
    # image
    "adaptive-slices": _TILES + "adaptive_slices:AdaptiveSlicesCounter",
    "aligned-fit": _GRIDS + "aligned_fit:AlignedFitCounter",
    "anthropic-resize": _HOSTED + "anthropic_resize:AnthropicResizeCounter",
    "anyres": _TILES + "anyres:AnyResTokenizer",
    "best-canvas": _TILES + "best_canvas:BestCanvasCounter",
    "bounded-rows": _GRIDS + "bounded_rows:BoundedRowsCounter",
    "canvas-tiles": _TILES + "canvas_tiles:CanvasTilesCounter",
    "closest-grid": _GRIDS + "closest_grid:ClosestGridCounter",
    "code-grid": _GRIDS + "code_grid:CodeGridCounter",
    "cohere-tile": _HOSTED + "cohere_tile:CohereTileCounter",
    "covering-tiles": _TILES + "covering_tiles:CoveringTilesCounter",
    "cross-tiles": _TILES + "cross_tiles:CrossTilesCounter",
    "dct-bpe": _CODED + "dct_bpe:DctBpeTokenizer",
    "deepseek-rows": _HOSTED + "deepseek_rows:DeepSeekRowsCounter",
    "fit-grid": _GRIDS + "fit_grid:FitGridCounter",
    "fit-merge": _GRIDS + "fit_merge:FitMergeTokenizer",
    "fit-or-tile": _TILES + "fit_or_tile:FitOrTileCounter",
    "fixed-grid": _GRIDS + "fixed_grid:FixedGridTokenizer",
    "gemini-tile": _HOSTED + "gemini_tile:GeminiTileCounter",
    "halved-fit": _GRIDS + "halved_fit:HalvedFitCounter",
    "image-flat": _HOSTED + "image_flat:FlatImageCounter",
    "largest-canvas": _TILES + "largest_canvas:LargestCanvasCounter",
    "naflex": _GRIDS + "naflex:NaFlexTokenizer",
    "named-tiles": _TILES + "named_tiles:NamedTilesTokenizer",
    "native-cells": _GRIDS + "native_cells:NativeCellsCounter",
    "nova-table": _HOSTED + "nova_table:NovaTableCounter",
    "onnx-image-codec": _CODED + "onnx_codec:OnnxImageCodecTokenizer",
    "openai-patch": _HOSTED + "openai_patch:OpenAIPatchCounter",
    "openai-tile": _HOSTED + "openai_tile:OpenAITileCounter",
    "overlap-crops": _TILES + "overlap_crops:OverlapCropsCounter",
    "padded-tiles": _TILES + "padded_tiles:PaddedTilesCounter",
    "page-tiles": _TILES + "page_tiles:PageTilesCounter",
    "pan-and-scan": _TILES + "pan_and_scan:PanAndScanTokenizer",
    "patch": _GRIDS + "patch:PatchTokenizer",
    "patch-budget": _GRIDS + "patch_budget:PatchBudgetCounter",
    "patch-fsq": _CODED + "patch_fsq:PatchFsqTokenizer",
    "patch-kmeans": _CODED + "patch_codebooks:PatchKmeansTokenizer",
    "patch-rvq": _CODED + "patch_codebooks:PatchRvqTokenizer",
    "pooled-budget": _GRIDS + "pooled_budget:PooledBudgetCounter",
    "quarters": _TILES + "quarters:QuartersCounter",
    "qwen-api": _HOSTED + "qwen_api:QwenApiCounter",
    "ratio-pad": _TILES + "ratio_pad:RatioPadCounter",
    "ratio-tiles": _TILES + "ratio_tiles:RatioTilesTokenizer",
    "resampled-grid": _GRIDS + "resampled_grid:ResampledGridCounter",
    "row-break": _GRIDS + "row_break:RowBreakTokenizer",
    "separated-tiles": _TILES + "separated_tiles:SeparatedTilesTokenizer",
    "shrink-pad": _GRIDS + "shrink_pad:ShrinkPadCounter",
    "snapped-tiles": _TILES + "snapped_tiles:SnappedTilesCounter",
    "tile-rows": _TILES + "tile_rows:TileRowsCounter",
    "windows": _TILES + "windows:WindowsCounter",
    # video
    "causal-codes": _VIDEO + "causal_codes:CausalCodesCounter",
    "ernie-video": _VIDEO + "ernie:ErnieVideoCounter",
    "frame-patch": _VIDEO + "frame_patch:FramePatchTokenizer",
    "gemma-video": _VIDEO + "gemma:GemmaVideoTokenizer",
    "glm-video": _VIDEO + "glm:GlmVideoTokenizer",
    "kimi-video": _VIDEO + "kimi:KimiVideoTokenizer",
    "minicpm-video": _VIDEO + "minicpm:MiniCpmVideoCounter",
    "minimax-video": _VIDEO + "minimax:MiniMaxVideoTokenizer",
    "molmo-video": _VIDEO + "molmo:MolmoVideoTokenizer",
    "motion": _VIDEO + "motion:MotionTokenizer",
    "nemotron-video": _VIDEO + "nemotron:NemotronVideoCounter",
    "pooled-frames": _VIDEO + "pooled_frames:PooledFramesTokenizer",
    "qwen-video": _VIDEO + "qwen:QwenVideoTokenizer",
    "qwen-vl-utils-video": _VIDEO + "qwen_vl_utils:QwenVlUtilsVideoTokenizer",
    "qwen3-video": _VIDEO + "qwen3:Qwen3VideoTokenizer",
    "omni-video": _VIDEO + "omni:OmniVideoTokenizer",
    "omni-video-sound": _VIDEO + "omni:OmniVideoSoundCounter",
    "sglang-qwen3-video": _VIDEO + "sglang:SglangQwen3VideoCounter",
    "smolvlm-video": _VIDEO + "smolvlm:SmolVlmVideoTokenizer",
    "tubelet": _VIDEO + "tubelet:TubeletTokenizer",
    "video-llama-video": _VIDEO + "video_llama:VideoLlamaVideoCounter",
    "video-rate": _VIDEO + "per_second:VideoRateCounter",
    # audio
    "audio-rate": _AUDIO + "per_second:AudioRateCounter",
    "codec-frames": _AUDIO + "codecs:CodecFramesCounter",
    "fixed-audio": _AUDIO + "encoders:FixedAudioCounter",
    "log-mel": _AUDIO + "log_mel:LogMelTokenizer",
    "mdct-bpe": _AUDIO + "coded.mdct_bpe:MdctBpeTokenizer",
    "mulaw": _AUDIO + "mulaw:MuLawTokenizer",
    "onnx-codec": _AUDIO + "onnx_codec:OnnxCodecTokenizer",
    "pooled-mel": _AUDIO + "encoders:PooledMelCounter",
    "spectrogram-patches": _AUDIO + "convolutions:SpectrogramPatchesCounter",
    "stacked-mel": _AUDIO + "encoders:StackedMelCounter",
    "strided-convolutions": _AUDIO + "convolutions:StridedConvolutionsCounter",
    "strided-mel": _AUDIO + "encoders:StridedMelCounter",
    "whisper-mel": _AUDIO + "whisper:WhisperMelTokenizer",
    "windowed-mel": _AUDIO + "encoders:WindowedMelCounter",
    # series
    "abba": _SERIES + "abba:AbbaTokenizer",
    "chronos": _SERIES + "chronos:ChronosTokenizer",
    "dwt-bins": _SERIES + "dwt_bins:DwtBinsTokenizer",
    "gato": _SERIES + "gato:GatoTokenizer",
    "llmtime": _SERIES + "llmtime:LlmTimeTokenizer",
    "quantile-bins": _SERIES + "quantile_bins:QuantileBinsTokenizer",
    "sax": _SERIES + "sax:SaxTokenizer",
    "series-bpe": _SERIES + "series_bpe:SeriesBpeTokenizer",
    "series-frames": _SERIES + "frames:SeriesFramesCounter",
    "series-mulaw": _SERIES + "mulaw:SeriesMuLawTokenizer",
    "series-patch": _SERIES + "patches:SeriesPatchTokenizer",
    "series-vq": _SERIES + "vq:SeriesVqTokenizer",
    # actions
    "action-bins": _ACTIONS + "bins:ActionBinsTokenizer",
    "beast": _ACTIONS + "beast:BeastTokenizer",
    "fast": _ACTIONS + "fast:FastTokenizer",
    "fsq": _ACTIONS + "fsq:FsqTokenizer",
    "motion-frames": _ACTIONS + "frames:MotionFramesCounter",
    "kmeans": _ACTIONS + "codebook:KmeansTokenizer",
    "rvq": _ACTIONS + "codebook:RvqTokenizer",
    # pdf
    "pdf-page": _PDF + "pages:PdfPageCounter",
    "pdf-patches": _PDF + "pictures:PatchedPdfCounter",
    "pdf-pooled": _PDF + "pictures:PooledPdfCounter",
}

# A bundled vocabulary is asked for by its own name: `--tokenizer o200k_base`.
VOCABULARIES = ("o200k_base", "o200k_harmony", "cl100k_base", "p50k_base", "r50k_base")

_registered: dict[str, type[AnyCounter]] = {}


class Entry(NamedTuple):
    """A line of `multitok tokenizers`: what is known of a name without importing it."""

    name: str
    modality: str | None
    target: str
    origin: str


def register(cls: ClassT) -> ClassT:
    """Make a tokenizer class known by its `name` in this process; works as a decorator.

    DuplicateNameError where the name has another owner; PluginError for a class that is no
    tokenizer. docs/plugins.md makes one in thirty lines.

    >>> register(dict)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    multitok.core.errors.PluginError: <class 'dict'> cannot be registered: it is not a ...
    """
    missing = lacking(cls)
    if missing:
        raise PluginError(
            f"{cls!r} cannot be registered: {missing}. See docs/plugins.md",
            name=getattr(cls, "name", None),
            target=repr(cls),
            distribution=None,
        )
    name = cls.name
    owner = BUILT_IN.get(name)
    if owner is None and name in _registered and _registered[name] is not cls:
        owner = target_of(_registered[name])
    if owner is not None:
        raise DuplicateNameError(
            f"two tokenizers are named {name!r}: {owner} and {target_of(cls)}. Rename one.",
            name=name,
            owners=(owner, target_of(cls)),
        )
    _registered[name] = cls
    return cls


def lacking(cls: object) -> str | None:
    """What a class lacks to be a tokenizer; None when it lacks nothing."""
    if not (isinstance(cls, type) and issubclass(cls, TokenCounter)):
        return "it is not a TokenCounter class"
    for word in ("name", "modality"):
        if not isinstance(getattr(cls, word, None), str):
            return f"it needs {word}: ClassVar[str] = ..."
    if cls.modality not in MODALITIES:
        return f"its modality {cls.modality!r} is none of {', '.join(MODALITIES)}"
    return None


def unregister(name: str) -> None:
    """Forget a class that `register` made known."""
    _registered.pop(name, None)


def class_for(name: str) -> type[AnyCounter]:
    """The class behind a name; a "module:Class" target is taken as it stands."""
    target = BUILT_IN.get("bpe" if name in VOCABULARIES else name)
    if target is not None:
        return _import(target)
    if name in _registered:
        return _registered[name]
    plugins = _plugins().get(name, ())
    if len(plugins) > 1:
        owners = tuple(f"{p.value} ({_distribution(p)})" for p in plugins)
        raise DuplicateNameError(
            f"two tokenizers are named {name!r}: {' and '.join(owners)}. Uninstall one.",
            name=name,
            owners=owners,
        )
    if plugins:
        return _load(plugins[0])
    raise UnknownNameError.of("tokenizer", name, names(), "See: multitok tokenizers")


def tokenizer_class(name: str, /) -> type[AnyCounter]:
    """The class of the tokenizer registered under `name`: its parameters are its fields, and its
    presets and what learns it from data are its class methods.

    UnknownNameError names the closest tokenizer.

    >>> tokenizer_class("action-bins").preset("rt1").bins
    256
    """
    return class_for(name)


def get_tokenizer(name: str, /, **params: Any) -> Tokenizer[Any, Any]:
    """The tokenizer registered under `name`, with these parameters; some count only.

    UnknownNameError names the closest tokenizer, or the parameters that the tokenizer takes.

    >>> get_tokenizer("patch", size=16)
    PatchTokenizer(size=16, resize=None)
    """
    return cast("Tokenizer[Any, Any]", build(name, params))


def build(name: str, params: Mapping[str, Any]) -> AnyCounter:
    """`get_tokenizer` for parameters that come as data (a catalogue row, a stored config)."""
    if not isinstance(name, str):
        raise UnknownNameError.of("tokenizer", name, (), "See: multitok tokenizers")
    if name in VOCABULARIES:
        name, params = "bpe", {"vocabulary": name, **params}
    return made(class_for(name), params)


def from_config(config: Mapping[str, Any]) -> Tokenizer[Any, Any]:
    """The tokenizer whose `config()` this is."""
    params = dict(config)
    return cast("Tokenizer[Any, Any]", build(params.pop("tokenizer"), params))


def names() -> list[str]:
    """Every name that can be asked for: built in, registered, from plugins."""
    return sorted({*BUILT_IN, *VOCABULARIES, *_registered, *_plugins()})


def tokenizers() -> list[Entry]:
    """Every tokenizer that can be named: its name, modality, target and origin. Imports none.

    >>> {entry.name: entry.modality for entry in tokenizers()}["patch"]
    'image'
    """
    rows = [
        Entry(name, target.split(".")[2], target, "built in") for name, target in BUILT_IN.items()
    ]
    rows += [Entry(n, c.modality, target_of(c), "registered") for n, c in list(_registered.items())]
    rows += [
        Entry(name, None, plugin.value, _distribution(plugin))
        for name, plugins in _plugins().items()
        if name not in BUILT_IN
        for plugin in plugins
    ]
    return sorted(rows, key=lambda row: (row.origin != "built in", row.modality or "~", row.name))


def shadowed() -> list[Entry]:
    """Plugins that are never used, for a built-in has their name."""
    return [
        Entry(name, None, point.value, _distribution(point))
        for name, points in _plugins().items()
        if name in BUILT_IN
        for point in points
    ]


@cache
def _plugins() -> dict[str, tuple[EntryPoint, ...]]:
    if os.environ.get("MULTITOK_NO_PLUGINS"):
        return {}
    from importlib.metadata import entry_points  # 40 ms: only on a miss or for a listing

    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        found[point.name] = (*found.get(point.name, ()), point)
    return found


def _load(plugin: EntryPoint) -> type[AnyCounter]:
    try:
        cls = plugin.load()
    except Exception as error:  # whatever a stranger's module raises at import
        raise PluginError(
            f"plugin {plugin.name!r} ({plugin.value}, from {_distribution(plugin)})"
            f" failed to load: {error}",
            name=plugin.name,
            target=plugin.value,
            distribution=_distribution(plugin),
        ) from error
    if missing := lacking(cls):
        raise PluginError(
            f"plugin {plugin.name!r} ({plugin.value}, from {_distribution(plugin)})"
            f" failed to load: {missing}",
            name=plugin.name,
            target=plugin.value,
            distribution=_distribution(plugin),
        )
    loaded: type[AnyCounter] = cls
    return loaded


def _import(target: str) -> type[AnyCounter]:
    module, _, attribute = target.partition(":")
    found: type[AnyCounter] = getattr(import_module(module), attribute)
    return found


def _distribution(plugin: EntryPoint) -> str:
    dist = plugin.dist
    return f"{dist.name} {dist.version}" if dist is not None else "an unknown distribution"
