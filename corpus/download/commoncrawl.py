"""CommonCrawl: the WET or WARC files of one dump, as its `wet.paths.gz` or `warc.paths.gz` lists them."""

import re
from importlib.resources import files

from corpus.download.listing import Host, Listing, gunzip_lines
from corpus.download.remote import remote_file
from corpus.errors import UsageError

BASE_URL = "https://data.commoncrawl.org"
KINDS = ("wet", "warc")
_DAMAGED = "damaged-wet.txt"
_DUMP = re.compile(r"CC-[A-Z]+-[0-9]{4}-[0-9]{2,4}")


def list_files(host: Host, dump: str, kind: str = "wet") -> Listing:
    """The files of `dump`, named as in CC-MAIN-2019-18, in the list's order, from which CCNet cuts its shards."""
    if not _DUMP.fullmatch(dump):
        raise UsageError(f"--dump {dump}: not the name of a dump; they are named like CC-MAIN-2019-18")
    if kind not in KINDS:
        raise UsageError(f"--kind {kind}: there are {' and '.join(KINDS)}")
    path = f"crawl-data/{dump}/{kind}.paths.gz"
    data = host.read(path, f"is there a dump {dump}? https://index.commoncrawl.org lists them")
    names = dict.fromkeys(line.strip() for line in gunzip_lines(data, f"{host.base_url}/{path}"))
    return Listing(f"{dump} {kind}", [remote_file(host.base_url, name) for name in names], known_damaged())


def known_damaged() -> frozenset[str]:
    """Paths of files known to be damaged at the source. None is of the dump that C4 was made from, 2019-18."""
    lines = files("corpus.download").joinpath(_DAMAGED).read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
