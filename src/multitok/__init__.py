"""multitok: how many tokens, what the model sees, and the tokens themselves.

    multitok.count("photo.jpg", model="gpt-4o")      # a Count: tokens, how it is known, the parts
    multitok.get_tokenizer("patch", size=16)         # encode, decode, count

    count count_many counter compare cost fit
                                         a source, before it is sent
    inspect efficiency compare_tokenizers
                                         what models make of it, and what is lost
    economics                            what training and serving take
    scan                                 data sets: a million items, resumed, on many processes
    truncate split check                 texts and files within a budget
    count_request count_batch fit_request guard reconcile
                                         whole requests, and what was billed for them
    encode decode frames save            the tokens themselves, and back
    examine probe load                   what a file is, its shape, its content
    get_tokenizer tokenizer_for_model tokenizer_class tokenizers models register
    multitok.prices, .testing, .train    rooms of their own

The public names are loaded on first use (PEP 562), so `import multitok` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

_HOME = {
    "multitok.budgets.baseline": "Baseline Drift baseline_of",
    "multitok.budgets.baseline_file": "read_baseline write_baseline",
    "multitok.budgets.clips": "VideoFit",
    "multitok.budgets.drift": "check_baseline",
    "multitok.budgets.files": "Checked check",
    "multitok.budgets.fitting": "fit",
    "multitok.budgets.breakpoints": "Fit",
    "multitok.budgets.sounds": "SoundFit",
    "multitok.budgets.texts": "Cut split truncate",
    "multitok.compute.economy": "Economics economics",
    "multitok.core.counts": "StreamCount",
    "multitok.core.errors": (
        "BudgetExceeded CatalogError DecodeError DuplicateNameError MediaError"
        " MissingDependencyError MultitokError NeedsContentError NotInvertibleError"
        " OnlyCountsError OutputError PayloadError PluginError RejectedError SourceError"
        " UnexpectedError UnknownNameError UnknownRuleError"
    ),
    "multitok.core.info": (
        "ActionsInfo AudioInfo ImageInfo Medium PdfInfo SeriesInfo Shape TextInfo VideoInfo info_of"
    ),
    "multitok.core.media": "Actions Audio Image Pdf PdfPage Series Text Video",
    "multitok.core.registry": "get_tokenizer register tokenizer_class tokenizers",
    "multitok.core.sequence": "TokenSequence",
    "multitok.core.tokenizer": "TokenCounter Tokenizer",
    "multitok.counting.comparison": "Row Rows compare",
    "multitok.counting.costs": "cost",
    "multitok.counting.counts": "Count Total",
    "multitok.counting.distortion": "Distortion compare_tokenizers reconstruction_error",
    "multitok.counting.door": "count",
    "multitok.counting.efficiency": "Bought efficiency",
    "multitok.counting.encoding": "decode encode",
    "multitok.counting.inspection": "Inspection inspect",
    "multitok.counting.loops": "Measured SourceCounter counter",
    "multitok.counting.many": "count_many",
    "multitok.counting.premiums": "Premium Premiums premiums",
    "multitok.counting.rules": "models tokenizer_for_model",
    "multitok.datasets.packed": "Packed",
    "multitok.datasets.packing": "PackingPlan pack",
    "multitok.datasets.scanned": "Scan",
    "multitok.datasets.scanning": "Progress scan",
    "multitok.datasets.tokenized": "Tokenized",
    "multitok.datasets.tokenizing": "tokenize",
    "multitok.drawing.figures": "overlay_of prepared_of rate_of",
    "multitok.loaders.clips.frame": "Frame",
    "multitok.loaders.clips.frames": "frames",
    "multitok.loaders.door": "examine load probe",
    "multitok.loaders.probed": "Probed",
    "multitok.loaders.saving": "save",
    "multitok.report.pages": "page_of",
    "multitok.requests.batches": "BatchCount BatchLine count_batch",
    "multitok.requests.bills": "Reconciled calibration_of reconcile write_calibration",
    "multitok.requests.fitting.whole": "Change RequestFit fit_request",
    "multitok.requests.groups": "Standing standings",
    "multitok.requests.guarding": "guard guard_of",
    "multitok.requests.counted": "RequestPart",
    "multitok.requests.whole": "RequestCount count_request",
}
_WHERE = {name: module for module, names in _HOME.items() for name in names.split()}
_ROOMS = ("adapters", "prices", "testing", "train")

__all__ = ["__version__", *sorted((*_WHERE, *_ROOMS))]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _ROOMS:
        return import_module(f"multitok.{name}")
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'multitok' has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


if TYPE_CHECKING:
    from multitok import adapters as adapters, prices as prices, testing as testing, train as train
    from multitok.budgets.baseline import (
        Baseline as Baseline,
        Drift as Drift,
        baseline_of as baseline_of,
    )
    from multitok.budgets.baseline_file import (
        read_baseline as read_baseline,
        write_baseline as write_baseline,
    )
    from multitok.budgets.breakpoints import Fit as Fit
    from multitok.budgets.clips import VideoFit as VideoFit
    from multitok.budgets.drift import check_baseline as check_baseline
    from multitok.budgets.files import Checked as Checked, check as check
    from multitok.budgets.fitting import fit as fit
    from multitok.budgets.sounds import SoundFit as SoundFit
    from multitok.budgets.texts import Cut as Cut, split as split, truncate as truncate
    from multitok.built_in import get_tokenizer as get_tokenizer, tokenizer_class as tokenizer_class
    from multitok.compute.economy import Economics as Economics, economics as economics
    from multitok.core.counts import StreamCount as StreamCount
    from multitok.core.errors import (
        BudgetExceeded as BudgetExceeded,
        CatalogError as CatalogError,
        DecodeError as DecodeError,
        DuplicateNameError as DuplicateNameError,
        MediaError as MediaError,
        MissingDependencyError as MissingDependencyError,
        MultitokError as MultitokError,
        NeedsContentError as NeedsContentError,
        NotInvertibleError as NotInvertibleError,
        OnlyCountsError as OnlyCountsError,
        OutputError as OutputError,
        PayloadError as PayloadError,
        PluginError as PluginError,
        RejectedError as RejectedError,
        SourceError as SourceError,
        UnexpectedError as UnexpectedError,
        UnknownNameError as UnknownNameError,
        UnknownRuleError as UnknownRuleError,
    )
    from multitok.core.info import (
        ActionsInfo as ActionsInfo,
        AudioInfo as AudioInfo,
        ImageInfo as ImageInfo,
        Medium as Medium,
        PdfInfo as PdfInfo,
        SeriesInfo as SeriesInfo,
        Shape as Shape,
        TextInfo as TextInfo,
        VideoInfo as VideoInfo,
        info_of as info_of,
    )
    from multitok.core.media import (
        Actions as Actions,
        Audio as Audio,
        Image as Image,
        Pdf as Pdf,
        PdfPage as PdfPage,
        Series as Series,
        Text as Text,
        Video as Video,
    )
    from multitok.core.registry import register as register, tokenizers as tokenizers
    from multitok.core.sequence import TokenSequence as TokenSequence
    from multitok.core.tokenizer import TokenCounter as TokenCounter, Tokenizer as Tokenizer
    from multitok.counting.comparison import Row as Row, Rows as Rows, compare as compare
    from multitok.counting.costs import cost as cost
    from multitok.counting.counts import Count as Count, Total as Total
    from multitok.counting.distortion import (
        Distortion as Distortion,
        compare_tokenizers as compare_tokenizers,
        reconstruction_error as reconstruction_error,
    )
    from multitok.counting.door import count as count
    from multitok.counting.efficiency import Bought as Bought, efficiency as efficiency
    from multitok.counting.encoding import decode as decode, encode as encode
    from multitok.counting.inspection import Inspection as Inspection, inspect as inspect
    from multitok.counting.loops import (
        Measured as Measured,
        SourceCounter as SourceCounter,
        counter as counter,
    )
    from multitok.counting.many import count_many as count_many
    from multitok.counting.premiums import (
        Premium as Premium,
        Premiums as Premiums,
        premiums as premiums,
    )
    from multitok.counting.rules import models as models, tokenizer_for_model as tokenizer_for_model
    from multitok.datasets.packed import Packed as Packed
    from multitok.datasets.packing import PackingPlan as PackingPlan, pack as pack
    from multitok.datasets.scanned import Scan as Scan
    from multitok.datasets.scanning import Progress as Progress, scan as scan
    from multitok.datasets.tokenized import Tokenized as Tokenized
    from multitok.datasets.tokenizing import tokenize as tokenize
    from multitok.drawing.figures import (
        overlay_of as overlay_of,
        prepared_of as prepared_of,
        rate_of as rate_of,
    )
    from multitok.loaders.clips.frame import Frame as Frame
    from multitok.loaders.clips.frames import frames as frames
    from multitok.loaders.door import examine as examine, load as load, probe as probe
    from multitok.loaders.probed import Probed as Probed
    from multitok.loaders.saving import save as save
    from multitok.report.pages import page_of as page_of
    from multitok.requests.batches import (
        BatchCount as BatchCount,
        BatchLine as BatchLine,
        count_batch as count_batch,
    )
    from multitok.requests.bills import (
        Reconciled as Reconciled,
        calibration_of as calibration_of,
        reconcile as reconcile,
        write_calibration as write_calibration,
    )
    from multitok.requests.counted import RequestPart as RequestPart
    from multitok.requests.fitting.whole import (
        Change as Change,
        RequestFit as RequestFit,
        fit_request as fit_request,
    )
    from multitok.requests.groups import Standing as Standing, standings as standings
    from multitok.requests.guarding import guard as guard, guard_of as guard_of
    from multitok.requests.whole import RequestCount as RequestCount, count_request as count_request
