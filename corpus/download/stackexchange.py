"""Stack Exchange: the sites' archives as the Internet Archive holds them, checked by the item's own list."""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from corpus.download.listing import Host, Listing
from corpus.download.remote import Checksum, RemoteFile, remote_file
from corpus.errors import UsageError, UserError

BASE_URL = "https://archive.org/download/stackexchange"
CONNECTIONS = 2

_WHOLE_OR_POSTS = re.compile(r"(?P<site>[a-z0-9.-]+\.[a-z]+)(?:-Posts)?\.7z")
_NOTE = "LLaMA took the 28 largest sites, which it does not name: count the posts of all, or choose with --site."


def list_files(host: Host, site: Sequence[str] = ()) -> Listing:
    """The archives that hold posts: one of each site, and of Stack Overflow, which comes in pieces, that of its posts.

    Raises UsageError for a site that is not there.
    """
    name = f"{host.base_url.rsplit('/', 1)[-1]}_files.xml"
    url = f"{host.base_url}/{name}"
    data = host.read(name, "is this an item of the Internet Archive? It lists its files under this name")
    try:
        rows = list(ElementTree.fromstring(data).iter("file"))
    except ElementTree.ParseError as error:
        raise UserError(f"{url}: is no list of files ({error}); check the address of the host") from None
    files: dict[str, RemoteFile] = {}
    for row in rows:
        match = _WHOLE_OR_POSTS.fullmatch(row.get("name", ""))
        if match is not None:
            size, sha1 = row.findtext("size", ""), row.findtext("sha1", "").lower()
            files[match["site"]] = remote_file(
                host.base_url,
                match[0],
                int(size) if size.isdigit() else None,
                Checksum("sha1", sha1) if sha1 else None,
            )
    for wanted in site:
        if wanted not in files:
            raise UsageError(f"--site {wanted}: not among the {len(files):,} sites of {url}; write stackoverflow.com")
    title = " ".join(site) or "all sites"
    return Listing(title, [files[name] for name in (site or sorted(files))], note="" if site else _NOTE)
