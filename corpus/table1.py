"""Table 1 of LLaMA's paper (arXiv 2302.13971): the sources, and each one's share of the training tokens."""

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
