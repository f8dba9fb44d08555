"""A store for tests: files over HTTP with ranges, and the part of S3 that lists and reads them.

It keeps what it was asked (`asked`) and how many bytes it sent. A path may begin with a fault:
`/404/`, `/403/`, `/503/` answer so, `/plain/` knows no ranges, `/cut/` breaks off in the middle.
"""

import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

FAULTS = re.compile(r"/(404|403|503|plain|cut)(/.*)")


class Store:
    """What is in it, and what was asked of it."""

    def __init__(self, objects, wait):
        self.objects, self.wait = objects, wait
        self.changed = {}
        self.asked, self.sent = [], 0
        self.lock = threading.Lock()

    def tag(self, path):
        return f'"{len(self.objects[path])}-{self.changed.get(path, 0)}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else 40 ms an answer

    def log_message(self, *words):
        pass

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def do_PUT(self):
        """A token of a cloud's machine: this is none."""
        self._send(403, b"", {}, body=True)

    def _answer(self, *, body):
        store = self.server.store
        asked = urlsplit(self.path)
        path = unquote(asked.path)
        with store.lock:
            store.asked.append((self.command, path, self.headers.get("Range")))
        time.sleep(store.wait)
        fault, path = FAULTS.fullmatch(path).groups() if FAULTS.fullmatch(path) else ("", path)
        if "list-type" in asked.query:
            self._send(200, self._listing(path, parse_qs(asked.query)), {}, body)
        elif fault.isdecimal() or path not in store.objects:
            self._send(int(fault) if fault.isdecimal() else 404, b"", {}, body)
        else:
            self._file(fault, store.objects[path], {"ETag": store.tag(path)}, body)

    def _file(self, fault, data, headers, body):
        told = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range") or "")
        if told is None or fault == "plain":
            self._send(200, data, headers, body, cut=fault == "cut")
            return
        start, stop = int(told[1]), min(int(told[2]) + 1, len(data))
        if start >= len(data):
            self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"}, body)
            return
        headers |= {"Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
        self._send(206, data[start:stop], headers, body, cut=fault == "cut")

    def _send(self, code, data, headers, body, *, cut=False):
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Last-Modified", "Sat, 28 Nov 2026 07:28:00 GMT")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            sent = data[: len(data) // 2] if cut else data
            with self.server.store.lock:
                self.server.store.sent += len(sent)
            self.wfile.write(sent)
            self.close_connection = cut

    def _listing(self, bucket, query):
        """Two keys a page, in order: a bucket of many thousands has pages too."""
        store = self.server.store
        root = bucket.rstrip("/") + "/"
        prefix, after = (query.get(name, [""])[0] for name in ("prefix", "continuation-token"))
        keys = sorted(path.removeprefix(root) for path in store.objects if path.startswith(root))
        keys = [key for key in keys if key.startswith(prefix) and key > after]
        page = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(store.objects[root + key])}</Size>"
            f"<LastModified>2026-11-28T07:28:00.000Z</LastModified>"
            f"<ETag>{escape(store.tag(root + key))}</ETag></Contents>"
            for key in keys[:2]
        )
        more = (
            f"<NextContinuationToken>{escape(keys[1])}</NextContinuationToken>" if keys[2:] else ""
        )
        cut = str(bool(keys[2:])).lower()
        page = f"<IsTruncated>{cut}</IsTruncated>{more}{page}"
        return f"<ListBucketResult>{page}</ListBucketResult>".encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """Whoever broke off is no matter."""


@contextmanager
def serving(objects, wait=0.0):
    """(address, store) of objects by their paths ("/bucket/a.jpg"); each answer takes `wait`."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.store = Store(objects, wait)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
