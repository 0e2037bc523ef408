"""C4 as released: the JSON lines that the Allen Institute for AI prepared from Google's data set."""

from corpus.download.listing import Host, Listing
from corpus.download.remote import remote_file
from corpus.errors import UsageError

BASE_URL = "https://huggingface.co/datasets/allenai/c4/resolve/1ddc917116b730e1859edef32896ec5c16be51d0"
"""The revision that the data set's own loading script (`c4.py`) names, so that the bytes never change."""

TRAINING_FILES = {"en": 1024, "en.noblocklist": 1024, "en.noclean": 7168, "realnewslike": 512}
"""Files of the training part, by variant (the loading script's `_N_SHARDS_PER_SPLIT`). LLaMA took `en`, 305 GB."""


def list_files(host: Host, variant: str = "en") -> Listing:
    """The training files of a variant; their names follow from their number, so no list is read."""
    if variant not in TRAINING_FILES:
        raise UsageError(f"--variant {variant}: there are {', '.join(TRAINING_FILES)}")
    count = TRAINING_FILES[variant]
    names = [f"{variant}/c4-train.{number:05d}-of-{count:05d}.json.gz" for number in range(count)]
    return Listing(variant, [remote_file(host.base_url, name) for name in names])
