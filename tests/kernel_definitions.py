"""Plain-Python definitions of the kernels."""

import hashlib
import io
import re
import unicodedata

PUNCTUATION = {
    "，": ",", "。": ".", "、": ",", "„": '"', "”": '"', "“": '"', "«": '"', "»": '"', "１": '"', "」": '"', "「": '"',
    "《": '"', "》": '"', "´": "'", "∶": ":", "：": ":", "？": "?", "！": "!", "（": "(", "）": ")", "；": ";",
    "–": "-", "—": " - ", "．": ". ", "～": "~", "’": "'", "…": "...", "━": "-", "〈": "<", "〉": ">",
    "【": "[", "】": "]", "％": "%", "►": "-",
}  # fmt: skip
CONTROL = {chr(code) for code in (*range(32), *range(127, 160))}


def normalize_line(line: str) -> str:
    """cc_net's normalize_for_dedup."""
    zeroed = re.sub(r"\d", "0", line.strip().lower())
    return "".join(character for character in zeroed if character not in PUNCTUATION and character not in CONTROL)


def normalize_lm(text: str) -> str:
    """cc_net's normalize."""
    decomposed = unicodedata.normalize("NFD", text.strip().lower())
    stripped = "".join(character for character in decomposed if unicodedata.category(character) != "Mn")
    replaced = "".join(PUNCTUATION.get(character, character) for character in re.sub(r"\d", "0", stripped))
    return "".join(character for character in replaced if character not in CONTROL)


def normalize_lm_lines(text: str) -> str:
    return "\n".join(normalize_lm(line) for line in text.split("\n"))


def line_hash(line: str) -> int:
    return int.from_bytes(hashlib.sha1(normalize_line(line).encode()).digest()[:8], "little")


def document_keys(documents: list[list[int]]) -> tuple[list[int], list[int]]:
    """The keys of one shard, sorted, and whether two documents have them."""
    counts: dict[int, int] = {}
    for hashes in documents:
        for key in set(hashes):
            counts[key] = counts.get(key, 0) + 1
    keys = sorted(counts)
    return keys, [int(counts[key] > 1) for key in keys]


def mark_duplicates(shards: list[tuple[list[int], list[int]]]) -> list[list[int]]:
    """Per key of each shard: 0 where only it has the key, once; 1 where an earlier shard has it; else 2."""
    marks = []
    for number, (keys, flags) in enumerate(shards):
        before = {key for earlier, _ in shards[:number] for key in earlier}
        after = {key for later, _ in shards[number + 1 :] for key in later}
        repeated = [
            1 if key in before else 2 if key in after or flag else 0 for key, flag in zip(keys, flags, strict=True)
        ]
        marks.append(repeated)
    return marks


def remove_lines(text: str, duplicates: set[int], spared: set[int]) -> tuple[str, list[int]]:
    """The new text and the surviving line numbers. The first line with a key in `spared` stays and uses it up."""
    lines = text.split("\n")
    seen: set[int] = set()
    survivors = []
    for number, line in enumerate(lines):
        key = line_hash(line)
        stays = key not in duplicates or key in spared
        spared.discard(key)
        if stays and key not in seen:
            seen.add(key)
            survivors.append(number)
    return "\n".join(lines[number] for number in survivors), survivors


def wet_text(payload: bytes) -> tuple[str, list[str], int]:
    """Title, body lines and replaced sequences of a record, read as cc_net reads the record and the two CR LF after
    it."""
    decoded = payload.decode("utf-8", "replace")
    lines = [line.strip() for line in io.StringIO(decoded + "\r\n\r\n", newline=None)]
    last = -2 if not lines[-1] and not lines[-2] else None
    # A replaced sequence becomes one U+FFFD, as one that stands in the payload does.
    return lines[0], lines[1:last], decoded.count("\ufffd") - payload.count("\ufffd".encode())


SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


def words(text: str) -> list[str]:
    """The words that shingles are made of."""
    decomposed = unicodedata.normalize("NFD", text.strip().lower())
    kept = []
    for character in decomposed:
        category = unicodedata.category(character)
        if category[0] in "PSZ" or category == "Cc":
            kept.append(" ")
        elif category == "Nd":
            kept.append("0")
        elif category not in ("Mn", "Cf"):
            kept.append(character)
    return [word for word in SPACELESS.sub(r" \g<0> ", "".join(kept)).split(" ") if word]


def shingles(text: str, size: int) -> list[str]:
    """Runs of `size` words; of a text with fewer words, all of them."""
    found = words(text)
    last = max(len(found) - size, 0)
    return [" ".join(found[first : first + size]) for first in range(last + 1)] if found else []


def shingle_keys(text: str, size: int) -> set[int]:
    return {int.from_bytes(hashlib.sha1(s.encode()).digest()[:8], "little") for s in shingles(text, size)}


def sample_keys(text: str, size: int, highest: int) -> set[int]:
    return {key for key in (hash64(shingle.encode()) for shingle in shingles(text, size)) if key <= highest}


def hash64(data: bytes) -> int:
    """Words of eight bytes, little-endian, multiplied into a state by halves of 128-bit products; the last byte of the
    last word, which it never fills, tells how many bytes there are."""
    first, second = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
    state, whole = first, len(data) // 8 * 8
    for at in range(0, whole, 8):
        state = _folded(state ^ int.from_bytes(data[at : at + 8], "little"), second)
    last = int.from_bytes(data[whole:].ljust(7, b"\0") + bytes([len(data) % 256]), "little")
    return _folded(state ^ last ^ 0x5555555555555555, first ^ second)


def _folded(left: int, right: int) -> int:
    product = left * right
    return (product ^ product >> 64) & (1 << 64) - 1
