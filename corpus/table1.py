"""Table 1 of LLaMA's paper (arXiv 2302.13971): the sources, and each one's part in the training tokens."""

PAPER_WEIGHTS: dict[str, float] = {
    "commoncrawl": 67.0,
    "c4": 15.0,
    "github": 4.5,
    "wikipedia": 4.5,
    "books": 4.5,
    "arxiv": 2.5,
    "stackexchange": 2.0,
}
"""Per cent of the tokens the models were trained on. The mixture the tokenizer was trained on is not published."""

SOURCES = tuple(PAPER_WEIGHTS)

DISK_BYTES: dict[str, float] = {
    "commoncrawl": 3.3e12,
    "c4": 783e9,
    "github": 328e9,
    "wikipedia": 83e9,
    "books": 85e9,
    "arxiv": 92e9,
    "stackexchange": 78e9,
}
"""Disk size of each source."""

EPOCHS: dict[str, float] = {
    "commoncrawl": 1.10,
    "c4": 1.06,
    "github": 0.64,
    "wikipedia": 2.45,
    "books": 2.23,
    "arxiv": 1.06,
    "stackexchange": 1.03,
}
"""How often a source was seen in 1.4T tokens."""

TOKENS = 1.4e12
"""What the epochs are of: the length of the 33B and 65B runs."""


def bytes_per_token(source: str) -> float:
    """What the table implies: disk size over the tokens of one epoch. It is a check on a source made anew: one that is
    cleaned or tokenised otherwise has another ratio."""
    return DISK_BYTES[source] * EPOCHS[source] / (PAPER_WEIGHTS[source] / 100 * TOKENS)


def disk_share(source: str) -> float:
    """Of the bytes of all seven sources."""
    return DISK_BYTES[source] / sum(DISK_BYTES.values())
