"""Whatever a name or a text from outside holds, no form of a result sends it to a terminal raw."""

import json
import pkgutil
import re
import sys
import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import multitok
from multitok import (
    AudioInfo,
    Count,
    ImageInfo,
    SourceError,
    TextInfo,
    TokenSequence,
    VideoInfo,
    report,
)
from multitok.budgets.baseline import Drift
from multitok.budgets.breakpoints import Fit
from multitok.budgets.clips import Choice, VideoFit
from multitok.budgets.files import Checked
from multitok.budgets.sounds import SoundFit, Start
from multitok.budgets.texts import Cut
from multitok.catalog.load import Model
from multitok.catalog.rule import Rule
from multitok.core.installed import Extra, Plugin
from multitok.core.registry import Entry
from multitok.counting.comparison import Row, Rows
from multitok.counting.content_costs import ContentCost
from multitok.counting.distortion import Distortion
from multitok.counting.efficiency import Bought
from multitok.counting.inspection import Inspection, Tokenized
from multitok.counting.picture_distortion import PictureDistortion
from multitok.counting.premiums import Premium, Premiums
from multitok.counting.sound_distortion import SoundDistortion
from multitok.counting.subject import Subject
from multitok.datasets.packed import Packed
from multitok.datasets.totals import Total
from multitok.drawing.figures import Figures, Picture
from multitok.loaders.probed import Probed
from multitok.modalities.text.at_hand import Cached, Vocabulary
from multitok.modalities.text.pieces import Piece
from multitok.prices.dated import DatedPrice
from multitok.prices.rates import Cost, Price, Rate
from multitok.report import (
    batches,
    bills,
    catalogue,
    checks,
    comparison,
    counts,
    distortion,
    documents,
    economics,
    efficiency,
    fits,
    inspection,
    installed,
    notebook,
    packs,
    page,
    prices,
    prices_page,
    request_fits,
    requests,
    scans,
    shards,
    texts,
    tree,
)
from multitok.report.safe import escaped_json, shown, unforged
from multitok.requests.advice import Advice, Size
from multitok.requests.batches import BatchCount, BatchLine
from multitok.requests.bills import Reconciled
from multitok.requests.calibration import Calibration, Correction
from multitok.requests.counted import RequestPart
from multitok.requests.fitting.budget import Budget
from multitok.requests.fitting.whole import Change, RequestFit
from multitok.requests.regression import Line, Trend
from multitok.requests.usage import Usage
from multitok.requests.whole import RequestCount
from multitok.train import Trained

DAY = date(2026, 11, 23)
SIZE = ImageInfo(4000, 3000)
TREND = Trend(Line(0.0, 1.0), 1.0, 1.0, 8, 0.0, 0.0)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
COLOR = re.compile(r"\x1b\[[0-9;]*m")

NASTY = [
    "\x1b]0;title\x07", "\x1b[2J", "\x1b[31m", "\x9b2J", "\r", "\n", "\t", "\x7f", "\x00", "\x08",
    "\u202e", "\u2066", "\u2028", "\u200b", "\ufeff", "\U000e0041", "\udc9b", "\udce9", "\ud83d",
    "::error::x", "\n::error::x", "##[error]x", "%0A::error::x", "<script>", "<i onload=x>",
    '"', "&", "日本", "e\u0301",
]  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=4)), min_size=1).map("".join)


# --- the forms of a result, each made of the same text --------------------------------------------


def counted(t):
    return Count(
        tokens=1234, kind="estimate", parts={t: 1234}, info=SIZE, model=t, tokenizer="rule",
        source=t, checked=DAY, notes=(t,), geometry={t: t}, error=(0.9, 1.1), context_window=9999,
    )  # fmt: skip


def rows(t):
    return [Row(t, counted(t), cost=Decimal("0.003")), Row(t, None, t)]


def probed(t):
    return Probed(SIZE, t, t, {t: t}, (t,))


def inspected(t, info=SIZE):
    """An inspection that has been worked out: the same text in every place."""
    subject = Subject(info, probed=probed(t)._replace(info=info))
    found = Inspection(subject=subject, models=(t, t))
    vars(found)["rows"] = [rows(t)[1]]
    vars(found)["tokenized"] = [tokenized(t)]
    return found


def tokenized(t):
    return Tokenized(t, 2, [Piece(t, (1,)), Piece("", (2,))], left=1000)


def model(t):
    rule = Rule(t, {t: t}, "documented", t, t, (t,), {t: {"default": t, t: t}})
    return Model(t, t, {"image": rule}, {"pdf": t}, (t,), note=t)


def part(t, tokens=1234, kind="estimate"):
    return RequestPart(
        path=t, modality="image", tokens=tokens, kind=kind, source=t, notes=(t, t), what=t, role=t,
        checked=DAY, bytes=9, info=SIZE, options={t: t}, calibrated=Correction(TREND, t, t),
    )  # fmt: skip


def request(t):
    kept = Calibration(t, t, {t: {t: Correction(TREND)}}, {t: {t: t}})
    return RequestCount((part(t), part(t, None, "unknown")), t, t, (t,), None, 9999, kept, t)


def fitted(t):
    return RequestFit({t: t}, (Change(t, t, t, t, 9),), request(t), request(t), Budget(9999))


def price(t):
    rate = Rate(Decimal("2.5"), ((200_000, Decimal("5")),))
    return Price(t, t, {t: rate}, {t: {t: rate}}, t, DAY, DAY, DAY, (t,))


def cost(t):
    return Cost(Decimal("0.1"), Decimal("0.2"), {t: Decimal("0.1")}, 2, price(t), None, (t,))


def dated(t):
    return DatedPrice(DAY, t, t, Decimal("2.5"), Decimal("10"), t, t, t, True)


def spent(t):
    return ContentCost(dated(t), counted(t), Decimal("0.003"))


def advised(t):
    return [Advice(part(t), (Size(1, 2, 3),))]


def lossy(t):
    return Distortion(t, 1234, 10, None, 0.5, 0.5, 0.5, 99.0)


def written(t):
    return PictureDistortion(t, 1234, 10, None, 30.0, 5)


def sounding(t):
    return SoundDistortion(t, 1234, 10.0, None, 30.0, 0.1, 0.2)


def billed(t):
    return [
        Reconciled(1, request(t), Usage(9, 9, 0, {t: 9}), t, t, t),
        Reconciled(2, None, Usage(9), t, t, t),
    ]


def spans(t):
    """The name of a file of counts, and what it was counted by, are not ours."""
    found = multitok.economics("1T", "7B")
    return replace(found, data=found.data._replace(source=t), notes=(t,))


def bought(t):
    return [Bought(t, "text", t, 1234, "exact", {"word": 1.5}, t)]


def fit(t):
    return Fit(SIZE, t, 9, 1234, None, (), (t, t))


def sound_fit(t):
    whole, start = Start(1234, 32_000, 2.0), Start(9, 16_000, 1.0)
    return SoundFit(AudioInfo(32_000, 16_000), t, 9, whole, start, (t,))


def clip_fit(t):
    clip = VideoInfo(64, 48, 10, 5.0)
    one = Choice(1234, 10, 64, 48, 2.0, 5.0)
    return VideoFit(clip, t, 9, one, one, None, None, (), (), (), (), (t,))


def checked(t):
    return [Checked(t, "over", 9, 1234, "exact"), Checked(t, "failed", why=t)]


def drifts(t):
    return [Drift(t, t, "moved", 9, "exact", 8, t, (t,)), Drift(t, t, "failed", why=(t,))]


def described(t):
    """A tokenizer of a plugin; its docstring has lines of its own."""
    parameters = [{"name": t, "needed": False, "default": t, "takes": t}]
    words = t.replace("\n", "")
    doc = f"one line\nand {words} in another"
    return {"name": t, "modality": t, "parameters": parameters, "can": ["count"], "doc": doc}


def dear(t):
    one = Premium(t, t, {t: 9}, {t: 1.5})
    return Premiums((one,), {t: t}, {t: "exact"}, t, t, t, (1, 1))


LANGUAGES = {("en", "a"): (1.0, 1.0), ("fr", "a"): (2.0, 2.0)}


def batch(t):
    error = SourceError(t, source=t)
    return BatchCount((BatchLine(t, request(t)), BatchLine(t, None, error)))


def failed(t):
    return {"id": t, "source": t, "modality": t, "model": t, "error": f"{t}: {t}"}


def scanned(t):
    """Names of files, models and errors are not ours, and those of a folder that was given even
    less."""
    top = {**failed(t), "tokens": 9, "kind": "exact"}
    return SimpleNamespace(
        out=t, models=(t, t), items=2, rows=4, failed=11, tokens=9,
        totals=lambda *by: [
            Total({name: "exact" if name == "kind" else t for name in by}, 1, 0, 9, 9, 9, 0)
        ] * 2,
        errors=lambda number=None: iter([failed(t)] * 2),
        remarks=lambda number=None: iter([{**failed(t), "remark": t}] * 2),
        histogram=lambda: {t: [(0, 1), (1, 2), (2, 3)]},
        top=lambda number: [top] * 2,
    )  # fmt: skip


def packed(t):
    plan = SimpleNamespace(size=9, count=2, fill=0.9, longest=8, tokens=17)
    left_out = [{"id": t, "tokens": None, "images": 0, "why": t}] * 11
    return Packed(plan, [1, 2], left_out, None)


class Shards(SimpleNamespace):
    def __len__(self):
        return 2


def shards_of(t):
    manifest = dict.fromkeys(("tokenizer", "ids_below", "format", "width", "bos", "eos"), t)
    words = {"tokens": 9, "failed": 1, "format": t, "bos": 1, "eos": None, "stems": [t]}
    return Shards(out=t, manifests=[manifest], counts=scanned(t), **words)


TEXT = {
    "packs.render_pack": lambda t, **f: packs.render_pack(packed(t), **f),
    "scans.render_scan": lambda t, **f: scans.render_scan(
        scanned(t), ("source", "kind"), {t: cost(t)}, histogram=True, top=2, **f
    ),
    "shards.render_shards": lambda t, **f: shards.render_shards(shards_of(t), **f),
    "batches.render_batch": lambda t, **f: batches.render_batch(batch(t), cost(t), 9999, **f),
    "bills.render_bills": lambda t, **f: bills.render_bills(billed(t), 0.1, **f),
    "catalogue.render_model": lambda t, **f: catalogue.render_model(model(t), **f),
    "catalogue.render_models": lambda t, **f: catalogue.render_models([model(t)], **f),
    "catalogue.render_tokenizer": lambda t, **f: catalogue.render_tokenizer(described(t), **f),
    "catalogue.render_tokenizers": lambda t, **f: catalogue.render_tokenizers(
        [Entry(t, t, t, t)], **f
    ),
    "catalogue.render_trained": lambda t, **f: catalogue.render_trained(
        Trained("bpe", t, 1234, 9), "lines"
    ),
    "checks.render_check": lambda t, **f: "\n".join(
        checks.render_check(one, color=f["color"]) for one in [*checked(t), *drifts(t)]
    ),
    "comparison.render_rows": lambda t, **f: comparison.render_rows(rows(t), **f),
    "comparison.render_bare": lambda t, **f: comparison.render_bare(rows(t)),
    "comparison.render_steps": lambda t, **f: comparison.render_steps(
        rows(t)[0], [t], color=f["color"]
    ),
    "counts.render_counts": lambda t, **f: counts.render_counts([(t, counted(t))] * 2, **f),
    "counts.render_notes": lambda t, **f: counts.render_notes([(t, counted(t))]),
    "distortion.render_pictures": lambda t, **f: distortion.render_pictures(
        [written(t)], width=f["width"]
    ),
    "distortion.render_sounds": lambda t, **f: distortion.render_sounds(
        [sounding(t)], width=f["width"]
    ),
    "distortion.render": lambda t, **f: distortion.render([lossy(t)], width=f["width"]),
    "economics.render_economics": lambda t, **f: economics.render_economics(spans(t), **f),
    "efficiency.render_premiums": lambda t, **f: efficiency.render_premiums(dear(t), **f),
    "efficiency.render_efficiency": lambda t, **f: efficiency.render_efficiency(
        bought(t), {(t, t): (1.0, 1.0), **LANGUAGES}, **f
    ),
    "fits.render_fit": lambda t, **f: fits.render_fit(fit(t), **f),
    "fits.render_fit_bare": lambda t, **f: fits.render_fit_bare(fit(t)),
    "fits.render_clip_bare": lambda t, **f: fits.render_clip_bare(clip_fit(t)),
    "fits.render_sound_bare": lambda t, **f: fits.render_sound_bare(sound_fit(t)),
    "fits.render_sound_fit": lambda t, **f: fits.render_sound_fit(sound_fit(t), **f),
    "fits.render_clip_fit": lambda t, **f: fits.render_clip_fit(clip_fit(t), **f),
    "inspection.render_inspection": lambda t, **f: inspection.render_inspection(inspected(t), **f),
    "installed.render_installed": lambda t, **f: installed.render_installed(
        [Extra(t, t, t, t)], [Plugin(t, t, 1.0, t)], [Vocabulary(t, t, None)], [Cached(t, t)], **f
    ),
    "prices.render_model_prices": lambda t, **f: prices.render_model_prices(
        price(t), [price(t)] * 2, [dated(t)], **f
    ),
    "prices.render_prices": lambda t, **f: prices.render_prices(
        [dated(t)], [spent(t)], [t], t, **f
    ),
    "requests.render_cost": lambda t, **f: requests.render_cost(cost(t)),
    "requests.render_request": lambda t, **f: requests.render_request(
        request(t), cost=cost(t), advice=advised(t), **f
    ),
    "requests.render_overflow": lambda t, **f: "\n".join(
        requests.render_overflow(request(t), 9999)
    ),
    "request_fits.render_request_fit": lambda t, **f: request_fits.render_request_fit(
        fitted(t), cost(t), 9999, **f
    ),
    "tree.render_tree": lambda t, **f: tree.render_tree([(t, counted(t))] * 2, [t], **f),
    "requests.render_unknown": lambda t, **f: "\n".join(requests.render_unknown(request(t))),
    "comparison.ties": lambda t, **f: "\n".join(comparison.ties([rows(t)[0]] * 2)),
    "counts.describe": lambda t, **f: counts.describe(probed(t)),
    "checks.annotation": lambda t, **f: "\n".join(
        map(checks.annotation, [*checked(t), *drifts(t)])
    ),
    "checks.drift_summary": lambda t, **f: checks.drift_summary(drifts(t)),
    "checks.summary": lambda t, **f: checks.summary(checked(t)),
}
"""Lines of text. `texts.render_tokenized` alone keeps lines that are not ours, and is tested so."""

JSON = {
    "batches.batch_to_dict": lambda t: batches.batch_to_dict(batch(t), cost(t), 9999),
    "bills.bills_to_dict": lambda t: bills.bills_to_dict(billed(t), 0.1),
    "catalogue.models_to_dict": lambda t: catalogue.models_to_dict([model(t)]),
    "catalogue.tokenizers_to_dict": lambda t: catalogue.tokenizers_to_dict([Entry(t, t, t, t)]),
    "catalogue.trained_to_dict": lambda t: catalogue.trained_to_dict(Trained("bpe", t, 1, 2)),
    "checks.checks_to_dict": lambda t: checks.checks_to_dict(checked(t)),
    "checks.drifts_to_dict": lambda t: checks.drifts_to_dict(drifts(t)),
    "comparison.rows_to_dict": lambda t: comparison.rows_to_dict(rows(t), t),
    "counts.counts_to_dict": lambda t: counts.counts_to_dict([(t, counted(t))], [{"error": t}]),
    "economics.economics_to_dict": lambda t: economics.economics_to_dict(spans(t)),
    "tree.tree_to_dict": lambda t: tree.tree_to_dict([(t, counted(t))], [t], [{"error": t}]),
    "efficiency.premiums_to_dict": lambda t: efficiency.premiums_to_dict(dear(t)),
    "efficiency.efficiency_to_dict": lambda t: efficiency.efficiency_to_dict(bought(t), LANGUAGES),
    "fits.fit_to_dict": lambda t: fits.fit_to_dict(fit(t)),
    "inspection.inspections_to_dict": lambda t: inspection.inspections_to_dict(
        [inspection.inspection_to_dict(inspected(t))]
    ),
    "installed.installed_to_dict": lambda t: installed.installed_to_dict(
        [Extra(t, t, t, t)], [Plugin(t, t, 1.0, t)], [Vocabulary(t, t, None)], [Cached(t, t)]
    ),
    "prices.prices_to_dict": lambda t: prices.prices_to_dict([dated(t)], [spent(t)], [t], t),
    "prices.model_prices_to_dict": lambda t: prices.model_prices_to_dict(
        t, price(t), [price(t)], [dated(t)]
    ),
    "requests.request_to_dict": lambda t: requests.request_to_dict(request(t), cost(t), advised(t)),
    "request_fits.request_fit_to_dict": lambda t: request_fits.request_fit_to_dict(
        fitted(t), cost(t), 9999, payload=False
    ),
    "packs.pack_to_dict": lambda t: packs.pack_to_dict(packed(t), [t]),
    "scans.scan_to_dict": lambda t: scans.scan_to_dict(
        scanned(t), ("source", "kind"), {t: cost(t)}, histogram=True, top=2
    ),
    "shards.shards_to_dict": lambda t: shards.shards_to_dict(shards_of(t)),
    "texts.cut_to_dict": lambda t: texts.cut_to_dict(Cut(t, 1, 2, "head")),
    "texts.split_to_dict": lambda t: texts.split_to_dict([t]),
}


def section(t):
    document = inspection.inspection_to_dict(inspected(t))
    document["rows"] = [{**comparison.row_to_dict(row), "explain": [t]} for row in rows(t)]
    document["distortion"] = [lossy(t)._asdict()]
    picture = Picture(b"", "webp", (1, 1), t)
    figures = Figures(seen=[[picture], t], charts=[picture], texts=[tokenized(t)], why=t)
    return page.Section(document=document, names=[t, t], figures=figures)


def tokens(t):
    """Of a maker that is none, as a file may claim."""
    return TokenSequence(
        tokenizer={"tokenizer": t}, info=TextInfo(2), special=np.zeros(2, bool),
        ids=np.arange(2), axes=(t,), positions=np.zeros((2, 1), np.int32),
    )  # fmt: skip


HTML = {
    "notebook.html_of": lambda t: rows(t)[0]._repr_html_() + Rows(rows(t))._repr_html_(),
    "notebook.html_of_count": lambda t: notebook.html_of_count(counted(t)),
    "notebook.html_of_inspection": lambda t: notebook.html_of_inspection(inspected(t)),
    "notebook.html_of_request": lambda t: notebook.html_of_request(request(t)),
    "notebook.html_of_rows": lambda t: notebook.html_of_rows(rows(t)),
    "notebook.html_of_tokens": lambda t: notebook.html_of_tokens(tokens(t)),
    "notebook.html_of_total": lambda t: notebook.html_of_total(
        counted(t) + replace(counted(t), rejected=(t,))
    ),
    "page.html": lambda t: page.html([section(t), section(t)]),
    "prices_page.html": lambda t: prices_page.html([dated(t)], [spent(t)], [t], t),
}


SENTENCES = {"comparison.ties", "counts.describe", "checks.annotation", "checks.summary",
             "checks.drift_summary"}  # fmt: skip
PARTS = {
    "bills.bill_to_dict", "checks.check_to_dict", "checks.drift_to_dict", "checks.drifted",
    "catalogue.model_to_dict", "catalogue.tokenizer_to_dict", "comparison.row_to_dict",
    "counts.cost_to_dict", "counts.count_to_dict", "counts.probed_to_dict",
    "inspection.inspection_to_dict",
    "prices.dated_to_dict", "requests.cost_to_dict", "scans.progress_to_dict", "texts.ids_to_dict",
    "texts.render_tokenized",
}  # fmt: skip
"""Tried as parts of the others, or below; ids are numbers."""


# --- what is asserted of all of them --------------------------------------------------------------


def test_every_renderer_is_tried():
    """A form of a result that is added to report/ must be added here."""
    forms = set()
    for module in pkgutil.iter_modules(report.__path__):
        home = import_module(f"multitok.report.{module.name}")
        forms |= {
            f"{module.name}.{name}"
            for name, value in vars(home).items()
            if re.fullmatch("html.*|render.*|[a-z].*_to_dict", name)
            and value.__module__ == home.__name__
        }
    assert forms - PARTS == {*TEXT, *JSON, *HTML} - SENTENCES


@pytest.mark.parametrize("name", sorted(TEXT))
@given(text=HOSTILE)
@settings(max_examples=12, deadline=None)
def test_text_sends_no_control_character_of_others(name, text):
    """Without color no escape at all; with color the same text between our own; no line more."""
    plain = TEXT[name](text, color=False, width=None)
    assert CONTROL.findall(plain) == []
    plain.encode("utf-8")
    assert COLOR.sub("", TEXT[name](text, color=True, width=None)) == plain
    harmless = TEXT[name]("x" * len(text), color=False, width=None)
    if name != "prices.render_prices":  # a chart breaks its own title and legend
        assert plain.count("\n") == harmless.count("\n")


@pytest.mark.parametrize("name", sorted(TEXT))
@given(text=HOSTILE)
@settings(max_examples=5, deadline=None)
def test_text_folded_to_a_terminal_loses_nothing_of_this(name, text):
    assert CONTROL.findall(TEXT[name](text, color=False, width=60)) == []


@given(text=HOSTILE)
def test_pieces_of_a_text_keep_its_lines_and_nothing_else_that_acts(text):
    plain = texts.render_tokenized(tokenized(text), color=False)
    assert CONTROL.findall(plain) == []
    assert plain.count("\n") == text.count("\n") + 1  # and the line that tells of the rest
    assert (
        COLOR.sub("", texts.render_tokenized(tokenized(text), color=True)) == plain.replace("|", "")
        or "|" in text
    )


@pytest.mark.parametrize("name", sorted(JSON))
@given(text=HOSTILE)
@settings(max_examples=12, deadline=None)
def test_json_parses_everywhere_and_says_the_same(name, text):
    """Valid Unicode without a lone surrogate, nothing that acts, and the very values."""
    document = JSON[name](text)
    for ascii_only in (False, True):
        dumped = documents.dump(document, ascii_only=ascii_only)
        assert CONTROL.findall(dumped) == []
        assert dumped.isascii() or not ascii_only
        back = json.loads(dumped.encode("utf-8"))
        documents.line(back).encode("utf-8")
        assert "\n" not in documents.line(document)
        if not re.search("[\ud800-\udfff]", text):
            assert back == json.loads(json.dumps(document))


def tags(source):
    """Every tag of a page with the names of its attributes."""
    found = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.add((tag, *sorted(name for name, _ in attrs)))

    Reader().feed(source)
    return found


@pytest.mark.parametrize("name", sorted(HTML))
@given(text=HOSTILE)
@settings(max_examples=12, deadline=None)
def test_html_holds_no_control_character_and_no_tag_of_others(name, text):
    """Ours are those of a page about an "a", and what line ends, slashes, addresses and spelled
    tokens add."""
    source = HTML[name](text)
    source.encode("utf-8")
    assert set(CONTROL.findall(source)) <= {"\t"}
    ours = tags(HTML[name]("a")) | {("u",), ("wbr",), ("a", "href", "rel")}
    ours |= {("span", "data-bytes", "data-id"), ("span", "class")}
    assert tags(source) <= ours


@pytest.mark.parametrize("name", sorted(HTML))
@pytest.mark.parametrize(
    "text", ["\x1b" * 3000, "a name that goes on " * 150], ids=["one word", "many"]
)
def test_a_name_of_any_length_has_a_page(name, text):
    assert tags(HTML[name](text)) >= tags(HTML[name]("a"))


# --- shown, escaped_json, unforged ----------------------------------------------------------------


def test_each_kind_of_control_character_has_its_escape():
    assert shown("a\x1b\x9b\x7f\n") == r"a\x1b\x9b\x7f\x0a"
    assert shown("\u202e\u2066\u200f\ufeff\U000e0041") == r"\u202e\u2066\u200f\ufeff\U000e0041"


def test_what_is_no_unicode_has_its_escape():
    """A file name of the byte E9, and half of a pair from a request."""
    assert shown("caf\udce9 \ud83d") == r"caf\xe9 \ud83d"


@pytest.mark.parametrize("text", ["naïve café", "日本語", "👩‍👧 क्‍ष", "a\u00a0b\u3000c", "C:\\x1b"])
def test_words_of_every_language_stay_as_they_are(text):
    assert shown(text) == text


def test_no_character_that_acts_is_forgotten():
    """Unicode's controls, formats, surrogates and separators of lines, but for signs that are seen
    (Arabic numbers, Egyptian hieroglyphs, ...) and joiners of words and emoji."""
    seen = re.compile(
        "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u200c\u200d\U000110bd\U000110cd"
        "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a]"
    )
    acts = ("Cc", "Cf", "Cs", "Zl", "Zp")
    for code in range(sys.maxunicode + 1):
        sign = chr(code)
        if unicodedata.category(sign) in acts and not seen.match(sign):
            assert shown(sign) != sign, hex(code)


def test_json_keeps_every_value_that_unicode_has():
    text = '"\x7f\x9b\u202e\U000e0041日本"'
    assert escaped_json(text) == '"\\u007f\\u009b\\u202e\\udb40\\udc41日本"'
    assert json.loads(escaped_json(text)) == json.loads(text)


def test_a_name_that_is_no_utf_8_is_spelled_in_json():
    assert documents.line({"input": "caf\udce9"}) == r'{"input": "caf\\xe9"}'


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("::error::x", r"\x3a:error::x"),
        ("  ::error::x", r"  \x3a:error::x"),
        ("\x1b[31m::error::x", "\x1b[31m\\x3a:error::x"),
        ("a ##[error]x", r"a \x23#[error]x"),
        ("##vso[task]x", r"\x23#vso[task]x"),
        ("std::vector ## title", "std::vector ## title"),
    ],
)
def test_no_line_is_a_command_of_a_workflow(line, safe):
    assert unforged(f"ok\n{line}\nok") == f"ok\n{safe}\nok"


def test_the_shape_of_a_text_is_not_from_outside():
    assert "2,690 bytes" in inspection.render_inspection(
        inspected("a", TextInfo(2690)), color=False
    )
