"""WET to deduplicated, language-identified, perplexity-scored documents: cc_net's way, and `filter` with `ccnet-exact`.

    python -m benchmarks.commoncrawl [WET ...] [--models DIR] [--megabytes N] [--runs N]

Without WET files a crawl is generated; without models, a language model is trained on the generated encyclopaedia.
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.measure import measure, python, report
from corpus.models.files import ModelFiles
from corpus.pipeline.reading import ReadLog
from corpus.quality.lm.build import Settings
from corpus.quality.lm.train import train_language_model
from corpus.sources.wet import read_wet
from demo.encyclopedia import articles
from demo.web import write_crawl
from demo.world import World

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("llama-corpus", "fasttext", "sentencepiece", "kenlm", "pyarrow", "numpy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wet", nargs="*", type=Path, help="WET files")
    parser.add_argument("--models", type=Path, help="directory with en.sp.model and en.arpa.bin or en.arpa")
    parser.add_argument("--megabytes", type=float, default=16.0, help="of generated text, without WET files")
    parser.add_argument("--runs", type=int, default=2, help="of each, the fastest counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        files = arguments.wet or list(write_crawl(work / "wet", seed=0, megabytes=arguments.megabytes).files)
        models = arguments.models or _train(work)
        _compare(files, models, arguments.runs, work)


def _compare(files: list[Path], models: Path, runs: int, work: Path) -> None:
    text_bytes = sum(batch["text"].nbytes for file in files for batch in read_wet(str(file), ReadLog()))
    identifier = ModelFiles.search([models]).require("lid.176.ftz", "get it with: llama-corpus models pull lid.176")
    job = {"files": [str(file) for file in files], "language_model": str(identifier), "models": str(models)}
    command = ["filter", "commoncrawl", *job["files"], "--recipe", "ccnet-exact", "--models", str(models)]
    options = ["--workers", "1", "--overwrite", "--json", "--out", str(work / "out")]
    theirs = measure("cc_net's way", python("-m", "benchmarks.cc_net_way", json.dumps(job)), runs)
    ours = measure("llama-corpus filter", python("-c", "import cli; cli.main()", *command, *options), runs)
    summary, kept = json.loads(ours.output), json.loads(theirs.output)["documents"]
    # Records with a wrong length, which a generated crawl has, are text to a reader of lines.
    if not 0 <= kept - summary["documents"] <= summary["read"].get("unreadable", 0):
        raise SystemExit(f"the two kept different numbers of documents: {kept} and {summary['documents']}")
    report("WET to scored documents", text_bytes / 1e6, [theirs, ours], PACKAGES, RESULTS / "commoncrawl.json")


def _train(work: Path) -> Path:
    text = work / "encyclopedia.txt"
    text.write_text("".join(f"{article.text}\n" for article in articles(World(0))), "utf-8")
    train_language_model([str(text)], work / "models", language="en", settings=Settings(vocab_size=8000))
    return work / "models"


if __name__ == "__main__":
    main()
