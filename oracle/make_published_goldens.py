"""Write tests/golden/published_text.json: what the published files make of texts of our own.

    python oracle/make_published_goldens.py

A vocabulary without a published file at hand has what the engine of the `fast` extra makes of them.
"""

import hashlib
import json
from pathlib import Path

from published import TABLE, encoders

from multitok import Text, get_tokenizer
from multitok.modalities.text.carried import index

GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "published_text.json"

TEXTS = {
    "empty": "",
    "prose": "The quick brown fox jumps over the lazy dog, isn't it? It's 2026 already.",
    "code": "def area(w: float, h: float) -> float:\n\treturn w * h  # m²\n\nprint(area(2, 3.5))\n",
    "json": '{"id": 17, "tags": ["a", "b"], "ok": true, "ratio": 0.125, "none": null}',
    "html": "<table><tr><td>1</td></tr></table>\n<h1>Title</h1> <p class='x'>text</p> </html>",
    "thinking": "<think>first, add</think><tool_call>{}</tool_call> <tool_response>",
    "special": "a<|endoftext|>b <|im_start|>user<|im_end|> <s>[INST] hi [/INST]</s> <bos>",
    "digits": "3.14159265358979323846 1,234,567 0xFF 1e-9 00000000 １２３ ٣٤٥ Ⅷ ½",
    "spaces": "a  b   c    d\t\te \t f          g",
    "lines": "one\ntwo\r\nthree\n\n\nfour\n \n five\n\t\n",
    "only spaces": "            ",
    "control": "a\x00b\x01\x1b[0m\x7f\u0085c",
    "chinese": "今天天气很好，我们去公园散步吧。",
    "japanese": "吾輩は猫である。名前はまだ無い。カタカナ",
    "korean": "나는 오늘 학교에 갔습니다.",
    "arabic": "السلام عليكم، كيف حالك اليوم؟",
    "hindi": "आज मौसम बहुत अच्छा है। क्षत्रिय",
    "thai": "วันนี้อากาศดีมาก ไปเดินเล่นกันเถอะ",
    "russian": "Сегодня хорошая погода, пойдём гулять.",
    "greek": "Σήμερα ο καιρός είναι καλός.",
    "composed": "café naïve Å 각 é",
    "decomposed": "cafe\u0301 nai\u0308ve A\u030a \u1100\u1161\u11a8 e\u0301",
    "marks": "z\u0301\u0302\u0303 \u0301 \u20dd",
    "emoji": "👍🏽 👩‍👩‍👧‍👦 🇺🇳🇩🇪 ❤️‍🔥 ☃️",
    "blocks": "▁ ▁▁ a▁b █▒░ ── →",
    "url": "https://example.com/a/b?c=d&e=%20f#g user@example.co.uk C:\\Windows\\System32",
    "math": "∀x∈ℝ: x²≥0, \\frac{a}{b} \\alpha^{2}",
    "rare": "𐍈𓀀𝔘 \ufffd \ue000 \u0378",
}


def main() -> None:
    tokens, ids = {}, {}
    for name, vocabulary in index().items():
        if vocabulary.held:
            encode = next(iter(encoders(name).values()))
        else:
            tokenizer = get_tokenizer("published", vocabulary=name)
            encode = lambda text, of=tokenizer: of.encode(Text(text)).ids.tolist()  # noqa: E731
        made = [encode(text) for text in TEXTS.values()]
        tokens[name] = list(map(len, made))
        ids[name] = hashlib.sha256(json.dumps(made).encode()).hexdigest()
    lines = [f'  "{name}": {json.dumps(counts)}' for name, counts in tokens.items()]
    texts = json.dumps(TEXTS, ensure_ascii=True, indent=2).replace("\n", "\n ")
    digests = json.dumps(ids, indent=2).replace("\n", "\n ")
    rows = ",\n".join(lines)
    GOLDEN.write_text(
        f'{{\n "texts": {texts},\n "tokens": {{\n{rows}\n }},\n "sha256_of_ids": {digests}\n}}\n',
        "utf-8",
    )


if __name__ == "__main__":
    assert index().keys() - TABLE.keys() == {n for n, v in index().items() if not v.held}
    main()
