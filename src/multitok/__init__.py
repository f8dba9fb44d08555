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
    "info": (
        "ActionsInfo AudioInfo ImageInfo PdfInfo SeriesInfo TextInfo VideoInfo",
        "multitok.info",
    ),
    "media": ("Actions Audio Image Pdf PdfPage Series Text Video", "multitok.media"),
    "sequence": ("TokenSequence", "multitok.sequence"),
    "tokenizer": ("Count TokenCounter Tokenizer", "multitok.tokenizer"),
    "registry": ("get_tokenizer register tokenizers", "multitok.registry"),
    "loaders": ("Probed examine load probe", "multitok.loaders"),
    "comparison": ("Row compare", "multitok.comparison"),
    "counting": ("count models tokenizer_for_model", "multitok.counting"),
    "request_parts": ("RequestPart", "multitok.request_parts"),
    "requests": ("RequestCount count_request", "multitok.requests"),
    "guarding": ("guard", "multitok.guarding"),
    "fitting": ("Fit fit", "multitok.fitting"),
    "errors": (
        "BudgetExceeded CatalogError DecodeError DuplicateNameError MediaError"
        " MissingDependencyError MultitokError NeedsContentError NotInvertibleError PayloadError"
        " PluginError SourceError UnknownNameError UnknownRuleError",
        "multitok.errors",
    ),
}
_WHERE = {name: module for names, module in _HOME.values() for name in names.split()}

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
    from multitok.comparison import Row as Row, compare as compare
    from multitok.counting import (
        count as count,
        models as models,
        tokenizer_for_model as tokenizer_for_model,
    )
    from multitok.errors import (
        BudgetExceeded as BudgetExceeded,
        CatalogError as CatalogError,
        DecodeError as DecodeError,
        DuplicateNameError as DuplicateNameError,
        MediaError as MediaError,
        MissingDependencyError as MissingDependencyError,
        MultitokError as MultitokError,
        NeedsContentError as NeedsContentError,
        NotInvertibleError as NotInvertibleError,
        PayloadError as PayloadError,
        PluginError as PluginError,
        SourceError as SourceError,
        UnknownNameError as UnknownNameError,
        UnknownRuleError as UnknownRuleError,
    )
    from multitok.fitting import Fit as Fit, fit as fit
    from multitok.guarding import guard as guard
    from multitok.info import (
        ActionsInfo as ActionsInfo,
        AudioInfo as AudioInfo,
        ImageInfo as ImageInfo,
        PdfInfo as PdfInfo,
        SeriesInfo as SeriesInfo,
        TextInfo as TextInfo,
        VideoInfo as VideoInfo,
    )
    from multitok.loaders import (
        Probed as Probed,
        examine as examine,
        load as load,
        probe as probe,
    )
    from multitok.media import (
        Actions as Actions,
        Audio as Audio,
        Image as Image,
        Pdf as Pdf,
        PdfPage as PdfPage,
        Series as Series,
        Text as Text,
        Video as Video,
    )
    from multitok.registry import (
        get_tokenizer as get_tokenizer,
        register as register,
        tokenizers as tokenizers,
    )
    from multitok.request_parts import RequestPart as RequestPart
    from multitok.requests import RequestCount as RequestCount, count_request as count_request
    from multitok.sequence import TokenSequence as TokenSequence
    from multitok.tokenizer import (
        Count as Count,
        TokenCounter as TokenCounter,
        Tokenizer as Tokenizer,
    )
