"""Project Gutenberg: the plain text of every book its catalogue names, from a mirror (its own site is for people)."""

import csv
from collections.abc import Sequence

from corpus.download.listing import Host, Listing, gunzip_lines
from corpus.download.remote import remote_file
from corpus.errors import UserError

BASE_URL = "https://gutenberg.pglaf.org"
CONNECTIONS = 2
CATALOGUE = "cache/epub/feeds/pg_catalog.csv.gz"


def list_files(host: Host, language: Sequence[str] = ()) -> Listing:
    """The texts of all books, or of those in some of the languages, by number.

    Some books have no plain text (scans, scores); the host says so when they are asked for.
    """
    url = f"{host.base_url}/{CATALOGUE}"
    lines = gunzip_lines(host.read(CATALOGUE, "is this a mirror of Project Gutenberg with its generated files?"), url)
    wanted, numbers = set(language), set()
    rows = csv.DictReader(lines)
    if not {"Text#", "Type", "Language"} <= set(rows.fieldnames or ()):
        raise UserError(f"{url}: is not Project Gutenberg's catalogue; check the address of the host")
    for row in rows:
        spoken = {code.strip() for code in (row["Language"] or "").split(";")}
        if row["Type"] == "Text" and (row["Text#"] or "").isdigit() and (not wanted or wanted & spoken):
            numbers.add(int(row["Text#"]))
    files = [remote_file(host.base_url, f"cache/epub/{number}/pg{number}.txt") for number in sorted(numbers)]
    return Listing(" ".join(language) or "all languages", files, may_be_absent=True)
