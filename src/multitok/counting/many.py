"""Many sources, one after another: a bad one is an error among the results, and never the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Unpack

from multitok.core.boundary import boundary
from multitok.core.errors import MediaError, MultitokError
from multitok.core.info import Modality
from multitok.core.registry import AnyCounter
from multitok.counting.counts import Count
from multitok.counting.door import count_subject, subject_for
from multitok.counting.rules import check_names, files_of, own_options
from multitok.loaders.probed import ReadWords, check_words


def count_many(
    sources: Iterable[Any],
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Iterator[Count | MultitokError]:
    """`count` of each source, as they come: one result each, in order, in memory one at a time.

    What goes wrong with a source is its result, a MultitokError, and the next one is counted. What
    is wrong with all of them (an unknown model, a misspelt keyword) is raised at once. Each takes
    the options of its modality: those that the model has for another are passed over.

    >>> from multitok import ImageInfo, Text
    >>> sizes = [ImageInfo(512, 512), Text("words"), "missing.png"]
    >>> for found in count_many(sizes, model="gpt-4o"):
    ...     print(found.tokens if isinstance(found, Count) else f"failed: {found}")
    255
    1
    failed: missing.png: no such file
    """
    if isinstance(sources, str | bytes) or not isinstance(sources, Iterable):
        raise MediaError(f"sources must be a list of them, got {sources!r}: [source]")
    files = files_of(catalog)
    check_names(model, tokenizer, files, sources)
    check_words(read, ". A word of the request goes into options={...}")

    def counted() -> Iterator[Count | MultitokError]:
        for source in sources:
            try:
                with boundary("counting", source):
                    subject = subject_for(source, modality, model, tokenizer, files, read)
                    own = own_options(options or {}, subject.modality, model, files)
                    found: Count | MultitokError = count_subject(
                        subject, model=model, tokenizer=tokenizer, options=own, files=files
                    )
            except MultitokError as error:
                found = error
            yield found

    return counted()
