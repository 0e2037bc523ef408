"""The job of `llama-corpus tokenize`: documents, a tokenizer, a directory of token shards.

An external merge shuffle in four steps, whose result depends on the documents, the tokenizer and the seed alone:
encode: every group of input files becomes sorted runs of tokenised documents (`runs`), in the order of a keyed hash of
their ids; ranges: every source's hashes are cut into ranges of about one shard (`ranges`); shards: every range is
merged from all runs of its source (`merge`); manifest: what came out. Runs are removed as the shards are published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.errors import UsageError, UserError
from corpus.identity import InputFile
from corpus.pipeline.executor import executor_for
from corpus.pipeline.plan import Plan, Publication, Step, Task
from corpus.pipeline.progress import display
from corpus.pipeline.publication import software_versions
from corpus.pipeline.run import run_plan
from corpus.pipeline.store import Artifact, Store
from tokenizer.documents import document_files
from tokenizer.encode import Encoder
from tokenizer.inspection import ShardsSummary, describe_shards
from tokenizer.shards import MANIFEST_NAME, TokenizerInfo
from tokenizer.tokenize_tasks import ENCODE, EncodeTask, ManifestTask, RangesTask, ShardTask

FORMAT = "llama-corpus token shards"
VERSION = 1

SHARD_TOKENS = 1 << 27
"""256 MiB of 16-bit ids."""

MIN_GROUP_BYTES = 16 << 20
MAX_GROUPS = 4096
"""Input files are encoded in groups, of 16 MiB or more: each shard is merged from at least one run of every group."""


@dataclass(frozen=True)
class Tokenization:
    """What decides the shards besides the documents. source: of documents that name none."""

    tokenizer: Path
    info: TokenizerInfo
    shard_tokens: int
    seed: int
    source: str


def tokenize_documents(
    documents: Sequence[str | Path],
    tokenizer: Path,
    out: Path,
    *,
    shard_tokens: int = SHARD_TOKENS,
    seed: int = 0,
    add_bos: bool = True,
    add_eos: bool = True,
    source: str = "documents",
    workers: int = 1,
    overwrite: bool = False,
) -> ShardsSummary:
    """Writes token shards of the documents to `out`, or continues where an earlier call of the same was stopped.

    documents: as `document_files` takes them. tokenizer: a sentencepiece model. shard_tokens: about how many tokens a
    shard holds. seed: of the order of documents. source: of documents that name none. Raises UsageError for settings
    that make no sense, UserError for inputs that cannot be used and for work that fails.
    """
    if shard_tokens < 1:
        raise UsageError(f"shards of {shard_tokens} tokens; --shard-tokens must be positive")
    if not 0 <= seed < 1 << 63:
        raise UsageError(f"seed {seed}; it must be from 0 to 2^63 - 1")
    info = _tokenizer_info(tokenizer, add_bos, add_eos)
    plan = plan_tokenization(
        document_files(documents), Tokenization(tokenizer.resolve(), info, shard_tokens, seed, source)
    )
    with display([(step.name, step.weight) for step in plan.steps]) as monitor:
        run = run_plan(plan, out, executor_for(workers), monitor, overwrite)
    return describe_shards(out, run)


def _tokenizer_info(path: Path, add_bos: bool, add_eos: bool) -> TokenizerInfo:
    encoder = Encoder(path)
    for name, wanted, number in (("BOS", add_bos, encoder.bos_id), ("EOS", add_eos, encoder.eos_id)):
        if wanted and number < 0:
            raise UserError(f"{path}: this tokenizer has no {name}; use --no-{name.lower()}, or another tokenizer")
    return TokenizerInfo(encoder.sha256, encoder.vocab_size, encoder.bos_id, encoder.eos_id, add_bos, add_eos)


def plan_tokenization(files: Sequence[InputFile], job: Tokenization) -> Plan:
    """The plan described above, over the files in their order."""
    encoding = [EncodeTask.of(group, job.tokenizer, job.info, job.seed, job.source) for group in groups(files)]
    ranging = RangesTask.of(encoding, job.shard_tokens)

    def shards(store: Store) -> list[ShardTask]:
        return ShardTask.all_of(store, ranging, job.info, job.seed)

    def manifest(store: Store) -> list[ManifestTask]:
        return [ManifestTask.of(shards(store), ranging, job.tokenizer, job.info, job.seed)]

    def encode(store: Store) -> Sequence[Task]:
        # Runs are gone once the shards are made: then there is nothing to encode.
        made = store.is_done(ranging.step, ranging.key) and all(
            store.is_done(task.step, task.key) for task in shards(store)
        )
        return [] if made else encoding

    def publish(store: Store, tasks: Mapping[str, Sequence[Task]]) -> Publication:
        for task in tasks[ENCODE]:
            for run in store.record(task.step, task.key)["report"]["runs"]:
                store.path(Artifact(task.step, task.key, run["file"])).unlink(missing_ok=True)
        return _publication(store, shards(store), manifest(store)[0], files, job)

    return Plan(
        [
            Step(ENCODE, encode),
            Step("ranges", lambda store: [ranging], weight=0.01),
            Step("shards", shards, weight=0.1),
            Step("manifest", manifest, weight=0.001),
        ],
        publish,
    )


def groups(files: Sequence[InputFile]) -> list[list[InputFile]]:
    """Consecutive files, in groups that end with the file that brings them to the size of a group."""
    size = max(MIN_GROUP_BYTES, sum(file.size for file in files) // MAX_GROUPS)
    found: list[list[InputFile]] = []
    filled = size
    for file in files:
        if filled >= size:
            found.append([])
            filled = 0
        found[-1].append(file)
        filled += file.size
    return found


def _publication(
    store: Store, shards: Sequence[ShardTask], manifest: ManifestTask, files: Sequence[InputFile], job: Tokenization
) -> Publication:
    public = {f"{task.source}/{task.file}": Artifact(task.step, task.key, task.file) for task in shards}
    for name in (job.info.file, MANIFEST_NAME):
        public[name] = Artifact(manifest.step, manifest.key, name)
    run = {
        "format": FORMAT,
        "version": VERSION,
        "inputs": [file.as_json() for file in files],
        "tokenizer": asdict(job.info),
        "settings": {"shard_tokens": job.shard_tokens, "seed": job.seed, "source": job.source},
        "software": software_versions(("sentencepiece", "gigatoken", "pyarrow")),
    }
    return Publication(public, {}, run)
