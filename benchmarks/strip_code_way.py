"""Articles the way datasets of Wikipedia are made: mwparserfromhell's strip_code, section by section.

    python -m benchmarks.strip_code_way theirs|ours DUMP ...

Prints the CPU seconds of the rendering alone, and the bytes of text that come out.
"""

import json
import sys
import time
from contextlib import suppress

import mwparserfromhell
import pyarrow as pa

import kernels
from corpus.cleaning.wiki_site import site
from corpus.pipeline.reading import ReadLog
from corpus.sources.wiki_dump import DumpReader

MEDIA = (
    "file:",
    "image:",
    "media:",
    "datei:",
    "bild:",
    "fichier:",
    "immagine:",
    "файл:",
    "зображення:",
    "изображение:",
)
OPTIONS = {"render_templates": True, "list_markers": True, "category_names": False}


def strip_code(page: str) -> str:
    """Drops links to media, references and tables, then everything strip_code drops, templates included."""
    code = mwparserfromhell.parse(page)
    removed = [
        *code.ifilter_wikilinks(matches=lambda link: str(link.title).lower().startswith(MEDIA)),
        *code.ifilter_tags(matches=lambda tag: str(tag.tag) in ("ref", "table")),
    ]
    for node in removed:
        with suppress(ValueError):  # it went with the node around it
            code.remove(node)
    return "\n\n".join(
        section.strip_code().strip()
        for section in code.get_sections(flat=True, include_lead=True, include_headings=True)
    )


def main() -> None:
    way, *dumps = sys.argv[1:]
    rows = [row for dump in dumps for batch in DumpReader()(dump, ReadLog()) for row in batch.to_pylist()]
    rows = [row for row in rows if row["namespace"] == 0 and not row["redirect"]]
    start = time.process_time()
    size = _ours(rows) if way == "ours" else sum(len(strip_code(row["text"]).encode()) for row in rows)
    print(json.dumps({"seconds": time.process_time() - start, "bytes": size}))


def _ours(rows: list[dict]) -> int:
    size = 0
    for language in sorted({row["language"] for row in rows}):
        renderer = kernels.WikitextRenderer(site(language, {}) | OPTIONS)
        chosen = [row for row in rows if row["language"] == language]
        pages = pa.array([row["text"] for row in chosen], pa.large_string())
        titles = pa.array([row["title"] for row in chosen], pa.large_string())
        size += renderer.render(pages, titles)[0].nbytes
    return size


if __name__ == "__main__":
    main()
