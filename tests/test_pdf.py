"""PDF: pages and text from the file, a price per page where there is one, a bound where not."""

import base64
import csv
from pathlib import Path

import pytest

from multitok import get_tokenizer
from multitok.core.errors import NeedsContentError, SourceError, UnknownRuleError
from multitok.core.info import PdfInfo
from multitok.core.media import Pdf, PdfPage
from multitok.counting.door import count
from multitok.loaders import door as loaders
from multitok.requests.whole import count_request

pytest.importorskip("pypdfium2")

ROWS = list(
    csv.DictReader((Path(__file__).parent / "golden" / "api.csv").read_text("utf-8").splitlines())
)
MODELS = {"gemini-3.x": "gemini-3-flash-preview", "gemini-1.5/2.0": "gemini-2.0-flash"}


def pdf_bytes(*texts, width=612, height=792):
    """A PDF by hand: one page a text, in Helvetica."""
    pages = range(len(texts))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(texts)} /Kids [{' '.join(f'{4 + 2 * i} 0 R' for i in pages)}]"
        f" /MediaBox [0 0 {width} {height}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, text in enumerate(texts):
        drawn = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {5 + 2 * i} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_bytes("hello world", "the second page"))
    return path


def test_pages_and_text_are_read(report):
    assert loaders.probe(str(report)) == PdfInfo(pages=2)
    document = loaders.load(str(report))
    assert [page.text for page in document.pages] == ["hello world", "the second page"]
    assert (document.pages[0].width_pt, document.pages[0].height_pt) == (612.0, 792.0)


def test_a_file_that_only_begins_like_a_pdf_is_an_error(tmp_path):
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.4\nnothing")
    with pytest.raises(SourceError, match=r"broken\.pdf: not a PDF that can be read"):
        loaders.probe(str(path))


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["modality"] == "pdf_page"], ids=lambda row: row["input"]
)
def test_a_page_costs_what_the_page_says(row):
    options = {}
    if "media_resolution=" in row["input"]:
        options["media_resolution"] = row["input"].split("media_resolution=")[1].split()[0]
    letter = Pdf(pages=(PdfPage(text="", width_pt=612.0, height_pt=792.0),))
    counted = count(letter, model=MODELS.get(row["model"], row["model"]), options=options)
    expected = int(row["expected_tokens"])
    if "approximate" in row["confidence"]:  # the page's figure lies within what is stated
        assert counted.error is not None
        assert counted.tokens <= expected <= counted.tokens * counted.error[1]
    else:
        assert counted.tokens == expected
    assert counted.kind != "exact"


def test_a_page_of_gemini_3_is_a_picture_of_its_shape_and_no_text(report):
    """A Letter page fills 560 cells with 26 rows of 20."""
    counted = count(str(report), model="gemini-3-flash-preview")
    assert counted.parts == {"pdf": 2 * 26 * 20}
    assert counted.kind == "observed"


def test_a_page_of_gemini_3_in_a4_has_longer_columns():
    """28 rows of 19: the sides are as 842 to 595."""
    page = PdfPage(text="", width_pt=595.0, height_pt=842.0)
    assert count(Pdf(pages=(page,)), model="gemini-3-flash-preview").tokens == 28 * 19


def test_native_text_comes_on_top_where_a_rule_says_so():
    page = PdfPage(text="hello world", width_pt=612.0, height_pt=792.0)
    counter = get_tokenizer("pdf-page", tokens=560, native_text=True)
    assert counter.literal_text(Pdf(pages=(page, page))) == {"hello world": 2}


def test_pages_of_unknown_shape_need_the_document():
    with pytest.raises(NeedsContentError) as caught:
        count(PdfInfo(pages=2), model="gemini-3-flash-preview")
    assert str(caught.value) == (
        "the cost of a page depends on the content, on its size: pass the document"
    )


UNPUBLISHED = """
provider = "acme"

[[model]]
id = "acme-reader"
text = { tokenizer = "o200k_base", kind = "documented", source = "its page" }

[model.image]
tokenizer = "openai-tile"
kind = "documented"
source = "its page"
params = { base = 85, tile = 170, box = 2048, short = 768, size = 512 }

[model.pdf]
unknown = "the size of a page's picture is not published"
"""


@pytest.fixture
def unpublished(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_text(UNPUBLISHED, "utf-8")
    return str(path)


def test_pictures_of_unpublished_size_are_bounded_with_their_assumption(report, unpublished):
    """A letter page at 2048 px is shrunk to 768 x 993: 85 + 4 tiles x 170 = 765."""
    counted = count(str(report), model="acme-reader", catalog=unpublished)
    assert counted.parts == {"text": 5, "page images": 1530}
    assert counted.kind == "upper-bound"
    assert counted.notes[0].startswith("upper bound: each page as a picture of at most 2048 px")
    assert counted.notes[1] == "the text alone is 5 tokens"


def test_a_bound_needs_the_document(unpublished):
    with pytest.raises(TypeError, match="depends on the content"):
        count(PdfInfo(pages=2), model="acme-reader", catalog=unpublished)


def test_openai_bills_the_text_of_a_file_and_four_tokens(report):
    counted = count(str(report), model="gpt-4o")
    assert counted.parts == {"text": 5, "pdf": 4}
    assert counted.kind == "observed"


@pytest.mark.parametrize(("payload", "beside"), [("chat", 212), ("responses", 0)])
def test_chat_completions_adds_to_a_file(report, payload, beside):
    """216 in all: 4 of the file by its rule, 212 beside it."""
    data = "data:application/pdf;base64," + base64.b64encode(report.read_bytes()).decode()
    file = {"filename": "report.pdf", "file_data": data}
    if payload == "chat":
        content = [{"type": "file", "file": file}]
        request = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    else:
        content = [{"type": "input_file", **file}]
        request = {"model": "gpt-4o", "input": [{"role": "user", "content": content}]}
    parts = count_request(request).parts
    assert sum(part.tokens for part in parts if part.what == "framing of documents") == beside


def test_a_file_for_openai_is_at_most_14_tokens_more_than_its_number(report):
    """Files of mid-2026 were billed 12 to 18 tokens beside their text: the rule says 4."""
    data = "data:application/pdf;base64," + base64.b64encode(report.read_bytes()).decode()
    content = [{"type": "input_file", "filename": "report.pdf", "file_data": data}]
    request = {"model": "gpt-4o", "input": [{"role": "user", "content": content}]}
    parts = count_request(request).parts
    assert [part.most for part in parts if part.what == "framing of documents"] == [14]


@pytest.mark.parametrize("model", ["claude-haiku-4-5", "claude-sonnet-5"])
@pytest.mark.parametrize(
    ("size", "patches"), [((612.0, 792.0), 45 * 34), ((595.0, 842.0), 47 * 33)]
)
def test_a_page_of_claude_is_a_picture_of_standard_resolution(model, size, patches):
    """Whatever the model's own resolution: the patches, 16 a page and 28 a file."""
    page = PdfPage(text="", width_pt=size[0], height_pt=size[1])
    assert count(Pdf(pages=(page, page)), model=model).tokens == 2 * (patches + 16) + 28


def test_a_model_that_takes_no_pdf_says_so(report):
    with pytest.raises(UnknownRuleError, match="no rule for pdf"):
        count(str(report), model="gpt-4")


def test_a_medium_counts_like_its_file(report):
    page = PdfPage(text="hello world", width_pt=612.0, height_pt=792.0)
    assert count(Pdf(pages=(page,)), model="gpt-4o").parts == {"text": 2, "pdf": 4}


def test_a_pdf_in_a_request_is_a_part(report):
    data = base64.b64encode(report.read_bytes()).decode()
    source = {"type": "base64", "media_type": "application/pdf", "data": data}
    counted = count_request(
        {
            "model": "claude-opus-5",
            "messages": [{"role": "user", "content": [{"type": "document", "source": source}]}],
        }
    )
    part, frame = counted.parts
    assert frame.what == "framing"
    assert (part.path, part.modality) == ("messages[0].content[0]", "pdf")
    assert part.tokens > 2 * 1000
    assert part.info == PdfInfo(pages=2)
