"""Strings on which tokenizers go wrong, the same in every run."""

import random

NAMED = {
    "empty": "",
    "space": " ",
    "nul": "\x00",
    "nul inside": "a\x00b\x00\x00 c",
    "every control": "".join(map(chr, range(32))) + "\x7f\x80\x85\x9f",
    "every latin": "".join(map(chr, range(32, 256))),
    "units separators": "a\x1cb\x1d c\x1e\x1f d\x1f\n\x1fe",
    "spaces of all kinds": "a\u1680b\u2000\u2003c\u200ad\u2028e\u2029f\u202fg\u205fh\u3000i\xa0j",
    "not spaces": "a\u180eb\u200bc\u2060d\ufeffe",
    "byte order mark": "\ufeffhello",
    "line breaks": "a\nb\r\nc\rd\n\ne\r\n\r\nf\n \n g\n\t\nh \n",
    "breaks after punctuation": "a.\nb?\r\n\r\nc/\n/\n//d}\n\n}\n;\r\r\n",
    "trailing white space": "end  \n  ",
    "leading white space": "  \n\t start",
    "spaces before": "a  b   c    d     e",
    "tabs": "\tif x:\n\t\treturn\ty\n",
    "contractions": "I'm you're he'll we've she'd it's don't I'M YOU'RE HE'LL WE'VE SHE'D IT'S",
    "odd contractions": "'s't're've'm'll'd 'S'T x'\u017f y\u2019s z's's 'tis o'clock rock'n'roll",
    "apostrophes": "''' ' 'a' 'a 'll'll '",
    "camel": "camelCase PascalCase HTMLParser iPhone XMLHttpRequest aB Ab AB ab",
    "title case letters": "ǅ ǈ ǋ ǲ ǅa aǅ",
    "numbers": "1 12 123 1234 12345 1,234.56 1e-9 0x1F 1_000 ½ ² Ⅷ ٣ 四 １２３４",
    "dates": "2024-02-29T23:59:60.123Z 12/31/99",
    "urls": "https://example.com/a/b?c=d&e=f#g user@example.co.uk /usr/bin/env C:\\Windows",
    "code": "def f(x: int) -> str:\n    return f'{x!r:>10}'  # ok\n\n\nclass A(B): ...",
    "json": '{"a": [1, 2.5, null, true], "b": {"c": "\\u00e9\\n"}}',
    "html": "<!doctype html><p class='x'>&nbsp;&amp;</p><!-- -->",
    "markdown": "# Title\n\n* a\n  * b\n\n```py\nx = 1\n```\n| a | b |\n|---|---|\n",
    "latex": "\\frac{a}{b} \\alpha^{2} $x_1 \\le y$",
    "han": "日本語のテキスト、漢字とカタカナ。中文标点符号，没有空格！",
    "korean": "안녕하세요 세계 한국어",
    "thai": "ภาษาไทยไม่มีช่องว่าง",
    "arabic": "مرحبا بالعالم، كيف الحال؟ ١٢٣",
    "hebrew": "שלום עולם, מה שלומך?",
    "hindi": "नमस्ते दुनिया क्षत्रिय",
    "vietnamese": "Tiếng Việt có dấu",
    "russian": "Съешь же ещё этих мягких французских булок",
    "greek": "Ταχίστη αλώπηξ βαφής ψημένη γη",
    "georgian": "ქართული ენა ᲥᲐᲠᲗᲣᲚᲘ",
    "decomposed": "e\u0301 a\u030a n\u0303 \u0301 x\u0301\u0302\u0303y",
    "composed": "é å ñ",
    "marks alone": "\u0301\u0301 \u0301 a \u0489 \u20dd",
    "emoji": "😀😃 👩‍👩‍👧‍👦 👍🏽 🇺🇳🇩🇪🇯 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ☃️ ❤️‍🔥",
    "joiners": "a\u200db\u200cc\u200d",
    "right to left": "\u202eabc\u202c \u2066x\u2069",
    "private use": "\ue000\uf8ff\U000f0000\U0010ffff",
    "not characters": "\ufffe\uffff\U0001fffe",
    "unassigned": "\u0378\u0379\U000323b0 a\u0378b",
    "new letters": "\u0890\u0891 \U00010d40\U00016d40 \u1c89\ua7cb",
    "math letters": "𝐀𝑩𝒞𝓓𝔼𝕱 𝟘𝟙𝟚",
    "ligatures": "ﬁ ﬂ ĳ œ ß ẞ",
    "long s and kelvin": "\u017f \u212a \u212b K k",
    "lone surrogate": "a\ud83db",
    "surrogate pair": "a\ud83d\ude00b",
    "low surrogate": "\ude00\ud83d",
    "special": "<|endoftext|>",
    "special inside": "a<|endoftext|>b <|fim_prefix|><|endofprompt|> <|im_start|>user<|im_end|>",
    "special harmony": "<|start|>assistant<|channel|>final<|message|>hi<|reserved_200500|>",
    "special broken": "<|endoftext <|endoftext|| <|endoftext|>|> <|ENDOFTEXT|>",
    "base64": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw==",
    "hex": "deadbeef00ff7f80c0ffee" * 20,
    "one letter": "a" * 3000,
    "one capital": "A" * 1000,
    "one digit": "7" * 1001,
    "one mark": "=" * 2000,
    "spaces": " " * 5000,
    "spaces and a letter": " " * 4999 + "x",
    "tabs and a letter": "\t" * 3000 + "x",
    "newlines": "\n" * 4000,
    "newlines after a dot": "." + "\n" * 3000 + "x",
    "carriage returns": "\r\n" * 2000,
    "mixed white space": " \n\t\r" * 1000 + "x",
    "no-break spaces": "\xa0" * 2000 + "é",
    "dots": "." * 1000 + "\n" * 10,
    "slashes": "//" * 500 + "\n/\n",
    "one han": "中" * 2000,
    "one emoji": "😀" * 1000,
    "marks on one letter": "a" + "\u0301" * 2000,
    "flags": "🇺🇳" * 501,
    "alternating": "aA" * 1000 + "a1" * 1000 + "a." * 1000,
    "repeated word": "hello " * 1000,
}

_ALPHABETS = (
    "abcXYZ 019.,'\n",
    " \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u2003\u3000\u180ea.",
    "aAéÉßſǅʰªßaI'’ʼsStTlLdDmMrReEvV",
    "é\u0301\u0300à中日のカㅎ한ה؟م١٢２½²Ⅷ",
    "😀👩\u200d👧🏽🇺🇳\ufe0f\u20e3# *1",
    "<|endoftext|>fim_prefix im_start<||>",
    "{}[]()<>/\\\"'`~!@#$%^&*-_=+;:,.?| \n",
    "\x00\x01\x1b\x7f\x80\u200b\ufeff\ufffd\U0010ffff\ud800\udfffab ",
)


def fuzz(per_alphabet: int = 20) -> list[str]:
    """Seeded strings over alphabets where the patterns' classes meet."""
    rng = random.Random(2)
    return [
        "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 40)))
        for alphabet in _ALPHABETS
        for _ in range(per_alphabet)
    ]


def corpus() -> list[str]:
    return [*NAMED.values(), *fuzz()]
