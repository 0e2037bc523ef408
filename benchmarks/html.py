"""HTML to main text: trafilatura, resiliparse and this project on the same pages, in quality and speed.

    python -m benchmarks.html DIR [--runs N]

DIR holds article-extraction-benchmark, trafilatura and chardet as WARC files with truth (see benchmarks.html_truth).
The other tools come with the extra `bench`. Speed is CPU time of one thread from the bytes of a page to its text,
decoding included, in megabytes of HTML a second.
"""

import argparse
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.html_truth import Page, mean_f1, pieces_f1, read_pages
from corpus.cleaning.html import Html
from corpus.cleaning.html_charset import codec_of_label, decode_page, detect_codec
from corpus.sources.crawl_columns import binaries

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "trafilatura", "resiliparse", "chardet", "charset-normalizer")
Extractor = Callable[[Sequence[Page]], list[str]]


@dataclass(frozen=True)
class Result:
    """f1: by set and half. rate: megabytes of HTML a second of CPU."""

    tool: str
    f1: dict[str, float]
    rate: float


def own(pages: Sequence[Page]) -> list[str]:
    texts = [decode_page(page.body, page.content_type).text for page in pages]
    return Html().extract(binaries(texts)).text.to_pylist()


def trafilatura(pages: Sequence[Page]) -> list[str]:
    from trafilatura import extract

    return [extract(page.body) or "" for page in pages]


def trafilatura_without_comments(pages: Sequence[Page]) -> list[str]:
    from trafilatura import extract

    return [extract(page.body, include_comments=False) or "" for page in pages]


def resiliparse(pages: Sequence[Page]) -> list[str]:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    def extract(body: bytes) -> str:
        page = bytes_to_str(body, detect_encoding(body, html5_compatible=True))
        return extract_plain_text(page, main_content=True, alt_texts=False) or ""

    return [extract(page.body) for page in pages]


TOOLS: dict[str, Extractor] = {
    "trafilatura": trafilatura,
    "trafilatura, no comments": trafilatura_without_comments,
    "resiliparse": resiliparse,
    "llama-corpus": own,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--runs", type=int, default=2, help="of each, the fastest counts")
    arguments = parser.parse_args()
    logging.disable(logging.ERROR)
    articles = read_pages(arguments.directory, "article-extraction-benchmark")
    pieces = read_pages(arguments.directory, "trafilatura")
    results = [measure(name, tool, articles, pieces, arguments.runs) for name, tool in TOOLS.items() if available(name)]
    show(results)
    detection = detect_encodings(read_pages(arguments.directory, "chardet"))
    for name, (share, rate) in detection.items():
        print(f"  encoding of pages that do not declare it: {name:20} {share:6.1%} right, {rate:6.1f} MB/s")
    RESULTS.mkdir(parents=True, exist_ok=True)
    figures = {
        "tools": [vars(result) for result in results],
        "encodings": detection,
        "versions": {package: version(package) for package in PACKAGES if installed(package)},
    }
    (RESULTS / "html.json").write_text(json.dumps(figures, indent=1) + "\n")


def available(tool: str) -> bool:
    return tool == "llama-corpus" or installed(tool.partition(",")[0])


def installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def measure(name: str, tool: Extractor, articles: Sequence[Page], pieces: Sequence[Page], runs: int) -> Result:
    pages = [*articles, *pieces]
    tool(pages[:3])
    seconds = float("inf")
    for _ in range(runs):
        start = time.process_time()
        texts = tool(pages)
        seconds = min(seconds, time.process_time() - start)
    f1 = {}
    for half, wanted in (("all", (True, False)), ("tuned on", (True,)), ("held out", (False,))):
        chosen = [at for at, page in enumerate(pages) if page.tuning in wanted]
        first = [at for at in chosen if at < len(articles)]
        second = [at for at in chosen if at >= len(articles)]
        f1[f"articles, {half}"] = mean_f1([pages[at] for at in first], [texts[at] for at in first])
        f1[f"pieces, {half}"] = pieces_f1([pages[at] for at in second], [texts[at] for at in second])
    return Result(name, f1, sum(len(page.body) for page in pages) / 1e6 / seconds)


def show(results: Sequence[Result]) -> None:
    columns = list(results[0].f1)
    print(f"{'F1':26}" + "".join(f"{column:>20}" for column in columns) + f"{'MB/s':>9}")
    for result in results:
        print(f"{result.tool:26}" + "".join(f"{result.f1[column]:20.4f}" for column in columns) + f"{result.rate:9.1f}")


def detect_encodings(pages: Sequence[Page]) -> dict[str, tuple[float, float]]:
    """Share of pages whose text comes out right, and megabytes a second, by detector."""
    detectors: dict[str, Callable[[bytes], str | None]] = {"llama-corpus": detect_codec}
    if installed("chardet"):
        import chardet

        detectors["chardet"] = lambda body: chardet.detect(body)["encoding"]
    if installed("charset-normalizer"):
        import charset_normalizer

        detectors["charset-normalizer"] = lambda body: getattr(
            charset_normalizer.from_bytes(body).best(), "encoding", None
        )
    megabytes = sum(len(page.body) for page in pages) / 1e6
    result = {}
    for name, detect in detectors.items():
        start = time.process_time()
        found = [detect(page.body) for page in pages]
        seconds = time.process_time() - start
        right = [is_right(page, encoding) for page, encoding in zip(pages, found, strict=True)]
        result[name] = (sum(right) / len(right), megabytes / seconds)
    return result


def is_right(page: Page, encoding: str | None) -> bool:
    """Whether the page decodes to the text that its true encoding gives, or the superset of it that browsers use."""
    true = page.truth["encoding"]
    right = {decoded(page.body, codec) for codec in (true, codec_of_label(true)) if codec} - {None}
    text = decoded(page.body, encoding or "utf-8")
    return text in right


def decoded(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding, "replace").removeprefix("\ufeff")
    except LookupError:
        return None


if __name__ == "__main__":
    main()
