"""The lists of the publishers, in their own formats, on a test's host."""

import hashlib
import json
from collections.abc import Mapping

from misbehaving_host import Host

SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c" + bytes(range(200))


def serve_wiki(host: Host, wiki: str, files: Mapping[str, bytes], status: str = "done") -> None:
    """A dump of 20220720, with its status file as the dumps' host writes it."""
    stated = {}
    for name, content in files.items():
        path = f"{wiki}/20220720/{name}"
        host.page(path, content)
        sums = {"md5": hashlib.md5(content).hexdigest(), "sha1": hashlib.sha1(content).hexdigest()}
        stated[name] = {"size": len(content), "url": f"/{path}", **sums}
    job = {"status": status, "updated": "2022-07-21 02:03:04", "files": stated}
    dump = {"version": "0.8", "jobs": {"articlesmultistreamdump": job, "pagetable": {"status": "done", "files": {}}}}
    host.page(f"{wiki}/20220720/dumpstatus.json", json.dumps(dump).encode())


def serve_item(host: Host, names: Mapping[str, bytes]) -> str:
    """An item of the Internet Archive, with the list it writes for every item."""
    rows = "".join(
        f'<file name="{name}" source="original"><mtime>1712437883</mtime><size>{len(content)}</size>'
        f"<md5>{hashlib.md5(content).hexdigest()}</md5><sha1>{hashlib.sha1(content).hexdigest()}</sha1>"
        "<format>7z</format></file>"
        for name, content in names.items()
    )
    host.page("download/stackexchange/stackexchange_files.xml", f"<?xml version='1.0'?><files>{rows}</files>".encode())
    for name, content in names.items():
        host.page(f"download/stackexchange/{name}", content)
    return f"{host.url}/download/stackexchange"


def manifest(contents: Mapping[str, bytes]) -> bytes:
    """As arXiv writes it."""
    rows = "".join(
        f"<file><content_md5sum>{'0' * 32}</content_md5sum><filename>src/arXiv_src_{month}.tar</filename>"
        f"<first_item>{month[:4]}.00001</first_item><md5sum>{hashlib.md5(content).hexdigest()}</md5sum>"
        f"<num_items>3</num_items><size>{len(content)}</size><yymm>{month[:4]}</yymm></file>\n"
        for month, content in contents.items()
    )
    return f"<?xml version='1.0' standalone='yes'?>\n<arXivSRC>\n{rows}</arXivSRC>\n".encode()


CATALOGUE = """\ufeffText#,Type,Issued,Title,Language,Authors,Subjects,LoCC,Bookshelves
1342,Text,1998-06-01,Pride and Prejudice,en,"Austen, Jane",,PR,
84,Text,1993-10-01,"Frankenstein;

or, the Modern Prometheus",en,"Shelley, Mary",,PR,
9999,Sound,2003-11-01,An Audiobook,en,Reader,,,
796,Text,1997-01-01,La Chartreuse de Parme,fr,Stendhal,,PQ,
500,Text,1997-01-01,Both,en; fr,Somebody,,PQ,
"""
