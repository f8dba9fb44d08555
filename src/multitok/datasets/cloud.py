"""Object stores by their URL: s3://, gs://, az://, http(s)://, through obstore.

What is counted from a header costs one request for the first 16 KiB, and tens of them are under way
at once (`ahead`); what is read from end to end comes in blocks that grow. Credentials are taken
from the environment, as obstore takes them.
"""

from __future__ import annotations

import glob
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import cache, lru_cache
from io import BufferedReader
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast
from urllib.parse import unquote

from multitok.core.errors import MultitokError, SourceError
from multitok.core.extras import require
from multitok.datasets.places import Entry, Tell
from multitok.loaders.placed import Placed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD = 16 << 10
"""Bytes that the header of most pictures ends within, with what a camera writes before it."""
LEAST, MOST = 256 << 10, 8 << 20
"""Bytes of a block of a file that is read as a whole: of the first one, of the largest."""
THREADS = 32
KEPT = 64 << 20
"""Bytes of a file without ranges that are kept in memory; a longer one goes to a temporary file."""

_TRIES = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=40),
    "backoff": {
        "init_backoff": timedelta(milliseconds=250),
        "max_backoff": timedelta(seconds=4),
        "base": 2,
    },
}
"""A store that is busy, or a connection that breaks, is asked again for some seconds: an item has a
minute."""
_WAYS_IN = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true where"
    " anybody may read it",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS to a key file, or GOOGLE_SKIP_SIGNATURE=true where"
    " anybody may read it",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or"
    " AZURE_SKIP_SIGNATURE=true where anybody may read it",
    "http": "use a URL that is signed",
}
"""What to do about a login, by the kind of store."""
_KINDS = {"s3a": "s3", "azure": "az", "adl": "az", "abfs": "az", "abfss": "az", "https": "http"}


class Place(NamedTuple):
    """What a URL names: the URL of its store, the object in it, and what to call it. A signature in
    the query of a URL is of the store, and never told."""

    root: str
    key: str
    name: str

    @property
    def kind(self) -> str:
        """The store's kind: s3, gs, az or http."""
        scheme = self.root.partition("://")[0]
        return _KINDS.get(scheme, scheme)


def place_of(url: str) -> Place:
    """What a URL names; SourceError where nothing here reads it.

    >>> place_of("s3://bucket/train/1.jpg")
    Place(root='s3://bucket', key='train/1.jpg', name='s3://bucket/train/1.jpg')
    """
    scheme, _, rest = url.partition("://")
    kind = _KINDS.get(scheme, scheme)
    if kind not in _WAYS_IN:
        raise SourceError(
            f"{url}: there is no way to read {scheme}://. There are: s3://, gs://, az://, http(s)://",
            source=url,
        )
    if kind != "http":
        store, _, key = rest.partition("/")
        return Place(f"{scheme}://{store}", key, url)
    rest, mark, query = rest.partition("#")[0].partition("?")
    host, _, key = rest.partition("/")
    return Place(f"{scheme}://{host}/{mark}{query}", unquote(key), f"{scheme}://{rest}")


@lru_cache(maxsize=256)  # a bucket is one; a signed URL is one each
def _store(root: str) -> Any:
    """The store of a URL, with connections that are kept."""
    store = require("obstore.store", extra="cloud", purpose="reading URLs", package="obstore")
    plain = root.startswith("http://") or any(
        os.environ.get(name, "").startswith("http://")
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT")
    )
    options = {"timeout": "30s", "connect_timeout": "5s", **({"allow_http": True} if plain else {})}
    return store.from_url(root, client_options=options, retry_config=_TRIES)


@cache
def _obstore() -> Any:
    return require("obstore", extra="cloud", purpose="reading URLs")


def entries(named: str, tell: Tell) -> Iterator[Entry]:
    """An object, those that a pattern matches, or all below a prefix, sorted; a URL of http is one
    file. What only marks a folder is left out."""
    place = place_of(named)
    try:
        found: Iterable[Entry] = [Entry(named, _stamp(meta)) for meta in _single(place)]
        if not found:
            found = _below(place)
        nothing = True
        for entry in found:
            nothing = False
            yield entry
        if nothing:
            raise SourceError(f"{place.name}: no object is called so", source=place.name)
    except Exception as error:
        tell(named, _error(error, place))


def _single(place: Place) -> list[Any]:
    """The object of just this name, where it is one; http has nothing else."""
    if place.kind != "http" and (not place.key or place.key.endswith("/")):
        return []
    try:
        return [_obstore().head(_store(place.root), place.key)]
    except FileNotFoundError:
        if place.kind == "http":
            raise
        return []


def _below(place: Place) -> Iterator[Entry]:
    """The objects below a prefix, or of a pattern, in the order of their names."""
    fixed, pattern = place.key, None
    if glob.has_magic(place.key):
        parts = place.key.split("/")
        magic = next(number for number, part in enumerate(parts) if glob.has_magic(part))
        fixed, pattern = "/".join(parts[:magic]), _matching(place.key)
    found: list[str] = []  # a text each, the least memory: there may be millions
    folders: set[str] = set()
    for chunk in _obstore().list(_store(place.root), fixed or None, chunk_size=1000):
        for meta in chunk:
            key = meta["path"]
            if ".git" in key.split("/"):  # as of a folder here
                continue
            folders.add(key.rpartition("/")[0])
            if pattern is None or pattern.fullmatch(key):
                found.append(f"{key}\0{_stamp(meta)}")
    found.sort()
    for told in found:
        key, _, stamp = told.partition("\0")
        if key not in folders or not stamp.startswith("0-"):
            yield Entry(f"{place.root}/{key}", stamp)


def _matching(pattern: str) -> re.Pattern[str]:
    """`*` and `?` within a name, `**` over folders, as `glob` has them."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[^]]+\])", pattern)
    told = (
        words.get(part) or (f"[{'^' * (part[1] == '!')}{part[1 + (part[1] == '!') : -1]}]"
        if part.startswith("[") and part.endswith("]") else re.escape(part))
        for part in parts
    )  # fmt: skip
    return re.compile("".join(told))


def _stamp(meta: Mapping[str, Any]) -> str:
    """What the content of an object is told apart by: bytes, and its tag or the last change."""
    tag = (meta["e_tag"] or "").strip('"')
    return f"{meta['size']}-{tag or meta['last_modified'].timestamp()}"


def stamp_of(path: str) -> str:
    """That of an object; SourceError where it is not there."""
    place = place_of(path)
    try:
        return _stamp(_obstore().head(_store(place.root), place.key))
    except Exception as error:
        raise _error(error, place) from None


def opened(path: str) -> BinaryIO:
    """An object to be read as a whole, or in long pieces: seekable, in blocks that grow."""
    return cast(BinaryIO, BufferedReader(Ranged(path, LEAST), 64 << 10))


def ranged(path: str) -> Ranged:
    """An object of which the header is wanted: nothing is asked until it is read, then one request
    tells its first bytes, its length and its stamp."""
    return Ranged(path, HEAD, head=True)


class Ranged(Placed):
    """An object as a seekable file, read in ranges. Its first block and the last two are kept; what
    is read on is read in blocks twice as long each time.

    name    its URL, without a signature
    first   bytes of its first block
    head    whether its length comes with its first block, else it is asked for
    """

    far = True

    def __init__(self, url: str, first: int, *, head: bool = False) -> None:
        super().__init__()
        self._place = place_of(url)
        self.name = self._place.name
        self._least, self._step, self._head = first, first, head
        self._stamp: str | None = None
        self._size = -1
        self._blocks: list[tuple[int, bytes]] = []
        self._whole: Any = None

    def end(self) -> int:
        """Its length in bytes, of its first block or asked for."""
        if self._size < 0 and self._head:
            self._fetched(0, 0)
        elif self._size < 0:
            self._asked()
        return self._size

    def read(self, size: int | None = -1, /) -> bytes:
        """All that is asked for, fewer bytes only at the end of the file."""
        if size is None or size < 0:
            size = max(0, self.end() - self._at)
        parts = []
        while size:
            part = self._piece(self._at, size)
            if not part:
                break
            parts.append(part)
            self._at += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self.read()

    def close(self) -> None:
        if self._whole is not None:
            self._whole.close()
        self._blocks.clear()
        super().close()

    def _piece(self, at: int, size: int) -> bytes:
        """Some of the bytes that are asked for: those of one block."""
        found = self._held(at, size)
        if not found and not 0 <= self._size <= at:
            self._fetched(at, size)
            found = self._held(at, size)
            if not found and at < self._size:
                raise SourceError(f"{self.name}: the store gave fewer bytes", source=self.name)
        return found

    def _held(self, at: int, size: int) -> bytes:
        """Bytes that are here already, none where there are none."""
        if self._whole is not None:
            self._whole.seek(at)
            return cast(bytes, self._whole.read(size))
        for start, data in self._blocks:
            if start <= at < start + len(data):
                return data[at - start : at - start + size]
        return b""

    def _fetched(self, at: int, size: int) -> None:
        """Ask for a block that begins here: a longer one where the last one ended here, and at the
        end of the file one that ends with it."""
        last, held = self._blocks[-1] if self._blocks else (0, b"")
        go_on = bool(held) and at == last + len(held)
        self._step = min(2 * self._step, MOST) if go_on else self._least
        start, stop = at, at + max(size, self._step)
        if 0 <= self._size < stop:
            stop = self._size
            before = last + len(held) if last < at else 0
            start = min(at, max(before, stop - self._step))
        try:
            got = _obstore().get(
                _store(self._place.root), self._place.key, options={"range": (start, stop)}
            )
            data = bytes(got.bytes())
        except Exception as error:
            if type(error).__name__ == "NotSupportedError":
                self._fetched_whole()
            elif "416" in str(error) and self._size < 0:
                self._asked()  # nothing is there: the file is shorter, or empty
            else:
                raise _error(error, self._place) from None
            return
        self._met(got.meta)
        self._blocks = [*self._blocks[:1], *self._blocks[1:][-1:], (start, data)]

    def _asked(self) -> None:
        try:
            meta = _obstore().head(_store(self._place.root), self._place.key)
        except Exception as error:
            raise _error(error, self._place) from None
        self._met(meta)

    def _fetched_whole(self) -> None:
        """All of it, from a server that knows no ranges."""
        self._whole = SpooledTemporaryFile(KEPT)  # noqa: SIM115 - closed with this file
        try:
            got = _obstore().get(_store(self._place.root), self._place.key)
            for part in got.stream(min_chunk_size=1 << 20):
                self._whole.write(part)
        except Exception as error:
            raise _error(error, self._place) from None
        self._met(got.meta)

    def _met(self, meta: Mapping[str, Any]) -> None:
        """Each answer must be of the same file."""
        stamp = _stamp(meta)
        if self._stamp not in (None, stamp):
            raise SourceError(
                f"{self.name}: it was changed while it was read: count it again", source=self.name
            )
        self._stamp, self._size = stamp, meta["size"]


def ahead(paths: Iterable[str], threads: int = THREADS) -> Iterator[Ranged | MultitokError]:
    """The files of these URLs in their order, each with its head, or why there is none: asked for
    by many threads, as far ahead as two requests each."""
    waiting: deque[Future[Ranged | MultitokError]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for path in paths:
                waiting.append(pool.submit(_begun, path))
                if len(waiting) >= 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _begun(path: str) -> Ranged | MultitokError:
    try:
        file = ranged(path)
        file.end()
    except MultitokError as error:
        return error
    return file


def _error(error: Exception, place: Place) -> MultitokError:
    """What a store said, in a line, and what to do about it."""
    if isinstance(error, MultitokError):
        return error
    kind, text = type(error).__name__, str(error)
    answer = re.search(r"status code: (\d+ [^:\n]*)", text)
    way = _WAYS_IN[place.kind]
    if isinstance(error, FileNotFoundError):
        why = "no such object"
    elif kind in ("PermissionDeniedError", "UnauthenticatedError"):
        why = f"access denied ({answer[1] if answer else kind}): {way}"
    elif (
        "169.254.169.254" in text
        or "/latest/" in text
        or "Account must be" in text
        or "OpenCredentials" in text
    ):
        why = f"no credentials: {way}"
    elif answer:
        why = f"the store answers {answer[1]}"
    elif "error sending request" in text or "builder error" in text:
        why = "no connection: is the address right, and the network up?"
    elif "body error" in text or "Interrupted" in text:
        why = "the connection broke off: count it again"
    else:
        told = re.sub(r"\?\S+", "", text.partition("\n")[0])  # a signature is not told
        why = " ".join(told.split())[:200] or kind
    return SourceError(f"{place.name}: {why}", source=place.name)
