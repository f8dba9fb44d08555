"""multitok: how many tokens, what the model sees, and the tokens themselves.

The public names are loaded on first use (PEP 562), so `import multitok` costs next to nothing:

    multitok.count("photo.jpg", model="gpt-4o")      # a Count: tokens, how it is known, the parts
    multitok.get_tokenizer("patch", size=16)         # encode, decode, count
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "multitok.budgets.pictures": "Fit fit",
    "multitok.core.errors": (
        "BudgetExceeded CatalogError DecodeError DuplicateNameError MediaError"
        " MissingDependencyError MultitokError NeedsContentError NotInvertibleError OutputError"
        " PayloadError PluginError SourceError UnexpectedError UnknownNameError UnknownRuleError"
    ),
    "multitok.core.info": (
        "ActionsInfo AudioInfo ImageInfo Medium PdfInfo SeriesInfo Shape TextInfo VideoInfo info_of"
    ),
    "multitok.core.media": "Actions Audio Image Pdf PdfPage Series Text Video",
    "multitok.core.registry": "get_tokenizer register tokenizers",
    "multitok.core.sequence": "TokenSequence",
    "multitok.core.tokenizer": "Count StreamCount TokenCounter Tokenizer",
    "multitok.counting.comparison": "Row compare",
    "multitok.counting.door": "count",
    "multitok.counting.rules": "models tokenizer_for_model",
    "multitok.loaders.door": "examine load probe",
    "multitok.loaders.probed": "Probed",
    "multitok.requests.guarding": "guard",
    "multitok.requests.part": "RequestPart",
    "multitok.requests.whole": "RequestCount count_request",
}
_WHERE = {name: module for module, names in _HOME.items() for name in names.split()}

__all__ = ["__version__", *sorted(_WHERE)]


def __getattr__(name: str) -> Any:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'multitok' has no attribute {name!r}")
    value = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


if TYPE_CHECKING:
    from multitok.budgets.pictures import Fit as Fit, fit as fit
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
        OutputError as OutputError,
        PayloadError as PayloadError,
        PluginError as PluginError,
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
    from multitok.core.registry import (
        get_tokenizer as get_tokenizer,
        register as register,
        tokenizers as tokenizers,
    )
    from multitok.core.sequence import TokenSequence as TokenSequence
    from multitok.core.tokenizer import (
        Count as Count,
        StreamCount as StreamCount,
        TokenCounter as TokenCounter,
        Tokenizer as Tokenizer,
    )
    from multitok.counting.comparison import Row as Row, compare as compare
    from multitok.counting.door import count as count
    from multitok.counting.rules import models as models, tokenizer_for_model as tokenizer_for_model
    from multitok.loaders.door import examine as examine, load as load, probe as probe
    from multitok.loaders.probed import Probed as Probed
    from multitok.requests.guarding import guard as guard
    from multitok.requests.part import RequestPart as RequestPart
    from multitok.requests.whole import RequestCount as RequestCount, count_request as count_request
