"""Zip archives and EPUBs for tests."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

CONTAINER = '<?xml version="1.0"?><container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Two &amp;
  Two</dc:title><dc:creator>N. N.</dc:creator>
<dc:language>en</dc:language></metadata><manifest>
<item id="b" href="two.xhtml"/><item id="a" href="text%20one.xhtml"/><item id="css" href="style.css"/></manifest>
<spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""


def write_zip(path: Path, members: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path
