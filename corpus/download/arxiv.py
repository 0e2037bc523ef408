"""arXiv: the bulk source archives, as their manifest lists them. Their bucket charges whoever reads it."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from corpus.download.listing import Host, Listing
from corpus.download.remote import Checksum, RemoteFile, remote_file
from corpus.errors import UserError

BASE_URL = "s3://arxiv"
REQUESTER_PAYS = (
    "arXiv's sources lie in a bucket of which the requester pays the traffic, with an account at Amazon: fetch them "
    "with `aws s3 cp --request-payer requester --recursive s3://arxiv/src DIR`, and list what will come with "
    "--dry-run --manifest DIR/arXiv_src_manifest.xml; --base-url names a mirror of the bucket"
)
MANIFEST = "src/arXiv_src_manifest.xml"


def list_files(host: Host, manifest: Path | None = None) -> Listing:
    """The archives of sources, oldest first. manifest: a copy on this machine, else the one at the host is read."""
    if manifest is None:
        place, data = f"{host.base_url}/{MANIFEST}", host.read(MANIFEST, "is this a mirror of s3://arxiv?")
    else:
        place = str(manifest)
        try:
            data = manifest.read_bytes()
        except OSError as error:
            raise UserError(f"{manifest}: cannot be read ({error.strerror}); check the path") from None
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise UserError(f"{place}: is no manifest of arXiv ({error}); fetch it again") from None
    files = [_file(host, row, place) for row in root.iter("file")]
    return Listing("sources", sorted(files, key=_age), note="" if host.base_url != BASE_URL else REQUESTER_PAYS)


def _file(host: Host, row: ElementTree.Element, place: str) -> RemoteFile:
    name, size, md5 = (row.findtext(tag, "").strip() for tag in ("filename", "size", "md5sum"))
    if not name.endswith(".tar"):
        raise UserError(f"{place}: lists {name!r}, which is no archive; fetch the manifest of the sources again")
    checksum = Checksum("md5", md5.lower()) if md5 else None
    return remote_file(host.base_url, name, int(size) if size.isdigit() else None, checksum)


def _age(file: RemoteFile) -> tuple[bool, str]:
    """Archives are named by year and month in two digits each; arXiv began in 1991."""
    month = file.path.rpartition("arXiv_src_")[2]
    return month < "91", month
