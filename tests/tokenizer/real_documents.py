"""Texts out of the real raw inputs, as they come: web pages, wikitext, books, LaTeX, StackExchange HTML, sentences."""

import gzip
import html
import re
import tarfile
from pathlib import Path


def real_texts(data: Path) -> list[str]:
    """Some thousand documents, 60 MB."""
    texts: list[str] = []
    for path in sorted((data / "web/wet").glob("*.gz")):
        records = gzip.decompress(path.read_bytes()).split(b"WARC/1.0\r\n")
        texts += [record.partition(b"\r\n\r\n")[2].decode("utf-8", "replace") for record in records]
    for path in sorted((data / "books").glob("*.gz"))[::3]:
        texts.append(gzip.decompress(path.read_bytes()).decode("utf-8", "replace"))
    for path in sorted((data / "wikipedia").glob("*/*.gz")):
        content = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        pages = re.findall(r"<text[^>]*>(.*?)</text>", content, re.DOTALL)
        texts += [html.unescape(page) for page in pages] or [content]
    for path in sorted((data / "arxiv/eprints").glob("*.tar.gz")):
        with tarfile.open(path) as archive:
            files = [archive.extractfile(member) for member in archive if member.name.endswith(".tex")]
            texts += [file.read().decode("utf-8", "replace") for file in files if file is not None]
    for path in sorted((data / "stackexchange").glob("*osts.xml.gz"))[:4]:
        posts = gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
        texts += [html.unescape(body) for body in re.findall(r' Body="([^"]*)"', posts)]
    for path in sorted((data / "langid").iterdir()):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        texts.append(content.decode("utf-8", "replace"))
    return texts
