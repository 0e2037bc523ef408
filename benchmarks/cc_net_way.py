"""WET to scored documents the way cc_net works: Python strings and sets, fastText, sentencepiece and KenLM called one
document at a time. Written from the description of its algorithm; the decisions are those of `ccnet-exact`."""

import gzip
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

PUNCTUATION = {
    "，": ",", "。": ".", "、": ",", "„": '"', "”": '"', "“": '"', "«": '"', "»": '"', "１": '"', "」": '"', "「": '"',
    "《": '"', "》": '"', "´": "'", "∶": ":", "：": ":", "？": "?", "！": "!", "（": "(", "）": ")", "；": ";",
    "–": "-", "—": " - ", "．": ". ", "～": "~", "’": "'", "…": "...", "━": "-", "〈": "<", "〉": ">",
    "【": "[", "】": "]", "％": "%", "►": "-",
}  # fmt: skip
DIGITS = re.compile(r"\d")
MARKED = re.compile(f"[{''.join(PUNCTUATION)}]")
CONTROL = re.compile(f"[{''.join(map(chr, [*range(32), *range(127, 160)]))}]")
MIN_LENGTH, THRESHOLD = 300, 0.5


def pages(path: Path) -> Iterator[tuple[str, list[str]]]:
    """URL and stripped lines, title first, of every conversion record."""
    header: list[str] = []
    body: list[str] = []
    in_header = True
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as lines, suppress(EOFError):
        for raw in lines:
            line = raw.strip()
            if in_header:
                header.append(line)
                in_header = line != ""
            elif line == "WARC/1.0":
                yield from _page(header, body)
                header, body, in_header = [line], [], True
            else:
                body.append(line)
    yield from _page(header, body)


def _page(header: list[str], body: list[str]) -> Iterator[tuple[str, list[str]]]:
    fields = dict(line.split(": ", 1) for line in header if ": " in line)
    if fields.get("WARC-Type") == "conversion" and len(body) > 1:
        end = -2 if not body[-1] and not body[-2] else None
        yield fields.get("WARC-Target-URI", ""), body[:end]


def normalize_for_dedup(line: str) -> str:
    line = DIGITS.sub("0", line.strip().lower())
    return CONTROL.sub("", MARKED.sub("", line))


def normalize(text: str) -> str:
    text = "".join(c for c in unicodedata.normalize("NFD", text.strip().lower()) if unicodedata.category(c) != "Mn")
    return CONTROL.sub("", MARKED.sub(lambda match: PUNCTUATION[match[0]], DIGITS.sub("0", text)))


def line_hash(line: str) -> bytes:
    return hashlib.sha1(normalize_for_dedup(line).encode()).digest()[:8]


def run(files: list[Path], language_model: Path, models: Path) -> dict[str, int]:
    """Documents kept and English documents scored; the work, not the output, is the point."""
    import fasttext
    import kenlm
    import sentencepiece

    identifier = fasttext.FastText._FastText(model_path=str(language_model))
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(models / "en.sp.model"))
    scorer = kenlm.Model(str(next(path for path in (models / "en.arpa.bin", models / "en.arpa") if path.exists())))

    seen: dict[bytes, bool] = {}
    for path in files:
        for _, lines in pages(path):
            if len("\n".join(lines[1:])) >= MIN_LENGTH:
                hashes = {line_hash(line) for line in lines[1:]}
                seen.update({key: key in seen for key in hashes})
    kept = scored = 0
    for path in files:
        for _, lines in pages(path):
            if len("\n".join(lines[1:])) < MIN_LENGTH:
                continue
            own: set[bytes] = set()
            left = []
            for line in lines[1:]:
                key = line_hash(line)
                if not seen[key] and key not in own:
                    own.add(key)
                    left.append(line)
            if not left:
                continue
            labels, scores = identifier.predict(["".join(left)], k=1)
            if round(float(scores[0][0]), 2) < THRESHOLD:
                continue
            kept += 1
            if labels[0][0] == "__label__en":
                encoded = " ".join(pieces.encode_as_pieces(normalize("\n".join(left))))
                round(10.0 ** (-scorer.score(encoded) / (len(encoded.split()) + 1)), 1)
                scored += 1
    return {"documents": kept, "scored": scored}


if __name__ == "__main__":
    job: dict[str, Any] = json.loads(sys.argv[1])
    result = run([Path(file) for file in job["files"]], Path(job["language_model"]), Path(job["models"]))
    print(json.dumps(result))
