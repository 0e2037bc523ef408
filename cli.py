"""The `llama-corpus` command: one thin function per subcommand."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From the public raw dumps LLaMA was trained on to a trained LLaMA.\n\nStart with: llama-corpus demo",
)
models_app = typer.Typer(no_args_is_help=True, help="Published models the recipes use: list, pull.")
lm_app = typer.Typer(no_args_is_help=True, help="Language models for perplexity: train, cut-offs.")
classifier_app = typer.Typer(no_args_is_help=True, help="The Wikipedia-reference classifier: references, train.")
tokenizer_app = typer.Typer(no_args_is_help=True, help="The LLaMA BPE tokenizer: train.")
START, PREPARE, DOCUMENTS, TOKENS, MODEL, INSPECT = (
    "Start here",
    "Models the filters need",
    "Raw dumps to documents",
    "Documents to tokens",
    "Tokens to a model",
    "Look inside",
)
app.add_typer(models_app, name="models", rich_help_panel=PREPARE)
app.add_typer(lm_app, name="lm", rich_help_panel=PREPARE)
app.add_typer(classifier_app, name="classifier", rich_help_panel=PREPARE)
app.add_typer(tokenizer_app, name="tokenizer", rich_help_panel=TOKENS)

Json = Annotated[bool, typer.Option("--json", help="Print a machine-readable summary on stdout.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Processes on this machine.", show_default="all cores")]
Memory = Annotated[str, typer.Option(help="Most memory to use, such as 500M or 8G.")]
Source = Annotated[str, typer.Option(help="Source of documents that name none.")]
Documents = Annotated[
    list[str], typer.Argument(help="Directories that `filter` wrote, Parquet or JSON-lines files, globs, or @LIST.")
]
ModelsDir = Annotated[
    list[Path],
    typer.Option("--models", help="Directory of model files, searched before the default one. May be repeated."),
]


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. Accepted anywhere.")] = False,
) -> None:
    """Options of every command; `--debug` is taken from the arguments in `main`."""


@app.command(rich_help_panel=START)
def demo(
    out: Annotated[Path, typer.Option(help="Directory for everything it makes.")] = Path("demo-out"),
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """The whole path on generated dumps of all seven sources, to text from a trained model: minutes on two cores."""
    from demo.run import run_demo

    _show(run_demo(out, workers or _cores()), as_json)


@app.command(rich_help_panel=DOCUMENTS)
def download(
    source: Annotated[str, typer.Argument(help="commoncrawl, c4, github, wikipedia, books, arxiv or stackexchange.")],
    out: Annotated[Path, typer.Option(help="Directory for the files, named as at their source, and download.json.")],
    dump: Annotated[str | None, typer.Option(help="commoncrawl: the crawl, such as CC-MAIN-2019-18.")] = None,
    kind: Annotated[str | None, typer.Option(help="commoncrawl: wet or warc.", show_default="wet")] = None,
    variant: Annotated[
        str | None,
        typer.Option(help="c4: en, en.noblocklist, en.noclean or realnewslike.", show_default="en"),
    ] = None,
    date: Annotated[str | None, typer.Option(help="wikipedia: the dump's date, such as 20220720.")] = None,
    languages: Annotated[
        list[str],
        typer.Option("--language", help="wikipedia, books: a language code. May be repeated.", show_default="all"),
    ] = [],  # noqa: B006
    sites: Annotated[
        list[str],
        typer.Option("--site", help="stackexchange: a site. May be repeated.", show_default="all"),
    ] = [],  # noqa: B006
    repos: Annotated[
        list[str],
        typer.Option(
            "--repo",
            help="github: OWNER/NAME, or OWNER/NAME@REF for a commit, branch or tag; @LIST with one per line. "
            "May be repeated.",
        ),
    ] = [],  # noqa: B006
    manifest: Annotated[Path | None, typer.Option(help="arxiv: a copy of arXiv_src_manifest.xml, to list it.")] = None,
    files: Annotated[
        str | None, typer.Option(help="N: the first N files; A..B: files A to B, both included, from 0.")
    ] = None,
    share: Annotated[float | None, typer.Option(help="That share of the files, evenly spread, such as 0.01.")] = None,
    base_url: Annotated[
        str | None,
        typer.Option(help="A mirror; also read from LLAMA_CORPUS_<SOURCE>_URL.", show_default="the publisher"),
    ] = None,
    connections: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Files fetched at a time.", show_default="4, or what a host allows"),
    ] = None,
    attempts: Annotated[int, typer.Option(min=1, help="Failures without progress before a file is given up.")] = 8,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list the files, their sizes and the total.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch raw dumps from their publishers, checked. The same command continues after an interruption.

    Files known to be damaged at their source are skipped and named.
    """
    from corpus.download.pace import Patience
    from corpus.download.run import download as fetch

    own = {"dump": dump, "kind": kind, "variant": variant, "date": date, "manifest": manifest}
    own |= {"language": languages or None, "site": sites or None, "repo": repos or None}
    summary = fetch(
        source,
        out,
        {name: value for name, value in own.items() if value is not None},
        wanted=files,
        share=share,
        base_url=base_url,
        connections=connections,
        patience=Patience(attempts=attempts),
        dry_run=dry_run,
    )
    _show(summary, as_json)
    summary.require_success()


@app.command(rich_help_panel=DOCUMENTS)
def filter(
    out: Annotated[Path, typer.Option(help="Directory for documents, dropped documents and the ledger.")],
    source: Annotated[
        str | None,
        typer.Argument(
            help="arxiv, books, c4, commoncrawl, github, stackexchange, wikipedia; or documents.",
            show_default="all that the recipe's [inputs] name, each into OUT/SOURCE",
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Files, directories, globs, URLs, or @LIST with one per line.", show_default="the recipe's [inputs]"
        ),
    ] = None,
    recipe: Annotated[
        str, typer.Option(help="Preset (llama1, ccnet-exact, redpajama-v1, c4-released, c4-paper) or a TOML file.")
    ] = "llama1",
    settings: Annotated[
        list[str], typer.Option("--set", help="Change one parameter: [SOURCE.]STAGE.PARAM=VALUE. May be repeated.")
    ] = [],  # noqa: B006 (typer copies it)
    workers: Workers = None,
    memory: Annotated[
        str | None, typer.Option(help="Most memory all workers use, such as 8G.", show_default="80% of what is free")
    ] = None,
    scratch: Annotated[
        str | None,
        typer.Option(
            help="Disk for what is read once and needed again, such as 20G; 0: none.",
            show_default="64G, or half of what is free",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N documents of each input.")] = None,
    sites: Annotated[
        str | None,
        typer.Option(help="stackexchange: how many of the largest sites, or names: A.com,B.com", show_default="28"),
    ] = None,
    models: ModelsDir = [],  # noqa: B006
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Forget what --out holds and start again.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first fault in an input.")] = False,
    as_json: Json = False,
) -> None:
    """Filter raw dumps into clean documents. The same command continues after an interruption."""
    from corpus.filter_sources import FilterOptions, filter_documents
    from corpus.recipes.load import sites_setting
    from corpus.sizes import parse_size

    options = FilterOptions(
        recipe=recipe,
        settings=settings if sites is None else [*settings, sites_setting(sites, source)],
        workers=workers or _cores(),
        memory=None if memory is None else parse_size(memory),
        scratch=None if scratch is None else parse_size(scratch),
        limit=limit,
        models=models,
        overwrite=overwrite,
        strict=strict,
    )
    _show(filter_documents(source, inputs or [], out, options), as_json)


@models_app.command("list")
def list_models(models: ModelsDir = [], as_json: Json = False) -> None:  # noqa: B006
    """List models that can be pulled, and which are here."""
    from corpus.models.catalogue import catalogue
    from corpus.models.files import ModelFiles

    files = ModelFiles.search(models)
    rows = {
        name: {"about": m.about, "here": all(files.find(f.name) for f in m.files)} for name, m in catalogue().items()
    }
    if as_json:
        print(json.dumps(rows))
    else:
        for name, row in rows.items():
            print(f"{'*' if row['here'] else ' '} {name:14} {row['about']}")
        print(f"\n* is here. Directories: {', '.join(map(str, files.directories))}")


@models_app.command("pull")
def pull_models(
    names: Annotated[list[str], typer.Argument(help="Models to fetch; `models list` names them.")],
    models: Annotated[Path | None, typer.Option(help="Directory to put them in, instead of the default one.")] = None,
) -> None:
    """Fetch models, check them against pinned checksums, and keep them for offline use."""
    from corpus.models.catalogue import find
    from corpus.models.files import default_directory
    from corpus.models.pull import pull

    for model in [find(name) for name in names]:
        pull(model, models or default_directory(), print)


@lm_app.command("train")
def train_language_model(
    texts: Annotated[list[str], typer.Argument(help="Text (a line each), JSON lines, Parquet, directories or globs.")],
    out: Annotated[Path, typer.Option(help="Directory for LANG.sp.model, LANG.arpa and LANG.json.")],
    language: Annotated[str, typer.Option(help="Language code; names the files.")],
    sentencepiece: Annotated[Path | None, typer.Option(help="A sentencepiece model, instead of training one.")] = None,
    engine: Annotated[str, typer.Option(help="builtin, or lmplz from the PATH.")] = "builtin",
    vocab_size: Annotated[int, typer.Option(help="Pieces; fewer when the text has fewer.")] = 65536,
    order: Annotated[int, typer.Option(min=1, help="Longest n-gram.")] = 5,
    memory: Memory = "4G",
    limit: Annotated[int, typer.Option(min=1, help="Texts read at most.")] = 1_000_000,
    workers: Workers = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model made by another command.")] = False,
    as_json: Json = False,
) -> None:
    """Train CCNet's sentencepiece unigram and 5-gram modified Kneser-Ney models."""
    from corpus.quality.lm.build import Settings
    from corpus.quality.lm.train import train_language_model as train
    from corpus.sizes import parse_size

    settings = Settings(vocab_size=vocab_size, order=order, memory=parse_size(memory), engine=engine)
    summary = train(
        texts,
        out,
        language=language,
        settings=settings,
        sentencepiece_model=sentencepiece,
        limit=limit,
        workers=workers or _cores(),
        overwrite=overwrite,
    )
    _show(summary, as_json)


@lm_app.command("cutoffs")
def cutoffs(
    documents: Annotated[list[str], typer.Argument(help="A sample of the documents to be filtered, of all qualities.")],
    language: Annotated[str, typer.Option(help="Language code.")],
    models: ModelsDir = [],  # noqa: B006
    out: Annotated[Path | None, typer.Option(help="The table.", show_default="cutoff.csv beside the model")] = None,
    limit: Annotated[int, typer.Option(min=100, help="Documents scored at most.")] = 1_000_000,
    as_json: Json = False,
) -> None:
    """Write a language's perplexity percentiles, from which buckets are cut, in CCNet's shape."""
    from corpus.models.files import ModelFiles
    from corpus.quality.lm.calibrate import calibrate_cutoffs

    search = ModelFiles.search(models)
    _show(calibrate_cutoffs(documents, language=language, models=search, out=out, limit=limit), as_json)


@classifier_app.command("references")
def references(
    dumps: Annotated[
        list[str], typer.Argument(help="MediaWiki pages-articles XML: .bz2 (multistream too), .gz or plain.")
    ],
    out: Annotated[Path, typer.Option(help="The list, one URL a line; compressed when it ends in .gz.")],
    workers: Workers = None,
    as_json: Json = False,
) -> None:
    """List the pages that the articles of a Wikipedia cite in their <ref> elements."""
    from corpus.quality.classifier.references import extract_references

    _show(extract_references(dumps, out, workers=workers or _cores()), as_json)


@classifier_app.command("train")
def train_classifier(
    out: Annotated[Path, typer.Option(help="Directory for wikiref.bin and wikiref.json.")],
    crawl: Annotated[
        list[str] | None,
        typer.Argument(help="Pages: directories that `filter` wrote, WET, Parquet or JSON-lines files."),
    ] = None,
    references: Annotated[
        str | None, typer.Option(help="URLs that Wikipedia cites: pages of CRAWL that have one are the positives.")
    ] = None,
    positives: Annotated[list[str], typer.Option(help="Instead: cited pages. May be repeated.")] = [],  # noqa: B006
    negatives: Annotated[list[str], typer.Option(help="And random pages. May be repeated.")] = [],  # noqa: B006
    min_length: Annotated[int, typer.Option(help="Characters of a page at least.")] = 1000,
    most: Annotated[int, typer.Option(help="Pages of each class at most.")] = 300_000,
    held_out: Annotated[float, typer.Option(help="Share of pages to test with.")] = 0.1,
    dimension: Annotated[int, typer.Option(help="Numbers of a word's vector.")] = 100,
    learning_rate: Annotated[float, typer.Option(help="At the start.")] = 0.1,
    epochs: Annotated[int, typer.Option(help="Passes over the pages.")] = 5,
    seed: Annotated[int, typer.Option(help="Of the choice of pages.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model made by another command.")] = False,
    as_json: Json = False,
) -> None:
    """Train fastText to tell pages that Wikipedia cites from random pages; as many of each, each text once.

    The defaults are fastText's and RedPajama's. Give documents that were filtered as those to be scored will be.
    """
    from corpus.quality.classifier import train as job
    from corpus.quality.classifier.fasttext_training import FastTextSettings

    summary = job.train_classifier(
        job.TrainingInputs.of(crawl or [], references, positives, negatives),
        out,
        sample=job.SampleSettings(min_length=min_length, most=most, held_out=held_out, seed=seed),
        settings=FastTextSettings(dimension=dimension, learning_rate=learning_rate, epochs=epochs),
        overwrite=overwrite,
    )
    _show(summary, as_json)


@tokenizer_app.command("train")
def train_tokenizer(
    documents: Documents,
    out: Annotated[Path, typer.Option(help="Directory for tokenizer.model and train.json.")],
    vocab_size: Annotated[int, typer.Option(help="Pieces, the 3 control and 256 byte pieces included.")] = 32000,
    sample_bytes: Annotated[int, typer.Option(help="Bytes of text to train on.")] = 1 << 30,
    weights: Annotated[
        list[str], typer.Option("--weight", help="SOURCE=SHARE of the sample. May be repeated; default: the paper's.")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 0,
    source: Source = "documents",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Train again.")] = False,
    as_json: Json = False,
) -> None:
    """Train LLaMA's BPE tokenizer on a sample of documents."""
    from corpus.recipes.load import parse_shares
    from tokenizer.train import train_tokenizer as train

    shares = parse_shares(weights)
    summary = train(
        documents,
        out,
        vocab_size=vocab_size,
        sample_bytes=sample_bytes,
        weights=shares,
        seed=seed,
        source=source,
        overwrite=overwrite,
    )
    _show(summary, as_json)


@app.command(rich_help_panel=TOKENS)
def tokenize(
    documents: Documents,
    tokenizer: Annotated[Path, typer.Option(help="A sentencepiece model, such as TOKENIZER/tokenizer.model.")],
    out: Annotated[Path, typer.Option(help="Directory for the shards and manifest.json.")],
    shard_tokens: Annotated[int, typer.Option(help="Tokens a shard holds, about.")] = 1 << 27,
    seed: Annotated[int, typer.Option(help="Of the order of documents.")] = 0,
    source: Source = "documents",
    bos: Annotated[bool, typer.Option("--bos/--no-bos", help="Begin documents with BOS.")] = True,
    eos: Annotated[bool, typer.Option("--eos/--no-eos", help="End documents with EOS.")] = True,
    workers: Workers = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Forget what --out holds and start again.")] = False,
    as_json: Json = False,
) -> None:
    """Turn documents into token shards. The same command continues after an interruption."""
    from tokenizer.tokenize import tokenize_documents

    summary = tokenize_documents(
        documents,
        tokenizer,
        out,
        shard_tokens=shard_tokens,
        seed=seed,
        add_bos=bos,
        add_eos=eos,
        source=source,
        workers=workers or _cores(),
        overwrite=overwrite,
    )
    _show(summary, as_json)


@app.command(rich_help_panel=MODEL)
def train(
    shards: Annotated[Path, typer.Option(help="Token shards, made by `tokenize`.")],
    out: Annotated[Path, typer.Option(help="Directory of the run; the same command continues it.")],
    size: Annotated[str, typer.Option(help="demo, 125M, 350M, 1.3B, 7B, 13B, 33B or 65B.")] = "demo",
    steps: Annotated[int | None, typer.Option(min=1, help="Optimiser updates.", show_default="of the size")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="Length in tokens, instead of --steps.")] = None,
    sequence_length: Annotated[int | None, typer.Option(min=1, help="Tokens.", show_default="the context")] = None,
    settings: Annotated[
        list[str], typer.Option("--set", help="Change a setting: NAME=VALUE, such as learning_rate=3e-4.")
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(min=0, help="Of the initial weights and of the data order.")] = 0,
    device: Annotated[str | None, typer.Option(help="A torch device.", show_default="the GPU if there is one")] = None,
    compiled: Annotated[
        bool | None, typer.Option("--compile/--no-compile", help="Compile the blocks.", show_default="on a GPU")
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a LLaMA on token shards. The same command continues after an interruption."""
    from corpus.recipes.load import parse_settings
    from model.progress import train_with_display

    given = {name: value for name, value in (("steps", steps), ("compile", compiled)) if value is not None}
    chosen = {**parse_settings(settings), **given}
    summary = train_with_display(
        shards, out, size, device=device, tokens=tokens, sequence_length=sequence_length, seed=seed, **chosen
    )
    _show(summary, as_json)


@app.command(rich_help_panel=MODEL)
def generate(
    run: Annotated[Path, typer.Argument(help="Directory of a training run.")],
    prompts: Annotated[list[str], typer.Option("--prompt", help="Text to continue. May be repeated.")] = [""],  # noqa: B006
    max_tokens: Annotated[int, typer.Option(help="Most tokens to add.")] = 200,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest token.")] = 0.8,
    top_p: Annotated[float, typer.Option(help="Sample from the likeliest tokens of this mass.")] = 0.95,
    seed: Annotated[int, typer.Option(help="Of the sampling.")] = 0,
    device: Annotated[str | None, typer.Option(help="A torch device.", show_default="the GPU if there is one")] = None,
    as_json: Json = False,
) -> None:
    """Continue prompts with the newest checkpoint of a run."""
    from dataclasses import asdict

    from model.generate import generate as sample

    made = sample(run, prompts, max_tokens, temperature=temperature, top_p=top_p, seed=seed, device=device)
    if as_json:
        print(json.dumps([asdict(completion) for completion in made], ensure_ascii=False))
    else:
        print("\n\n".join(completion.prompt + completion.text for completion in made))


@app.command(rich_help_panel=INSPECT)
def stats(directory: Annotated[Path, typer.Argument(help="Documents or token shards.")], as_json: Json = False) -> None:
    """Count what a directory holds and how it came to be so."""
    if (directory / "manifest.json").is_file():
        from tokenizer.inspection import describe_shards

        _show(describe_shards(directory), as_json)
    else:
        from corpus.inspection.collection import describe

        _show(describe(directory), as_json)


@app.command(rich_help_panel=INSPECT)
def verify(
    directory: Annotated[Path, typer.Argument(help="Documents, token shards, or a training run.")],
    as_json: Json = False,
) -> None:
    """Check a directory against its own record: checksums, counts and conservation."""
    if (directory / "manifest.json").is_file():
        from tokenizer.shards import verify_shards as check
    elif (directory / "checkpoints").is_dir():
        from model.checkpoint import verify_checkpoints as check
    else:
        from corpus.inspection.collection import verify as check
    problems = check(directory)
    if as_json:
        print(json.dumps({"directory": str(directory), "problems": problems}))
    else:
        print("\n".join(problems) or f"{directory}: all well")
    if problems:
        raise typer.Exit(1)


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def _show(summary: Any, as_json: bool) -> None:
    """Prints a summary: its JSON for programs, its own lines for people."""
    if as_json:
        print(json.dumps(summary.as_json()))
    else:
        summary.print()


def main() -> None:
    """Runs the command line; exit code 0, 1 when the work failed, 2 when the command makes no sense."""
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    from corpus.errors import UsageError, UserError

    try:
        app()
    except SystemExit as end:
        if end.code == 130:  # what Typer makes of an interrupt
            print("interrupted; what was finished is kept, and the same command continues", file=sys.stderr)
        raise
    except (UserError, UsageError, OSError) as error:
        if debug:
            raise
        print(f"error: {_line(error)}", file=sys.stderr)
        sys.exit(2 if isinstance(error, UsageError) else 1)


def _line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}; check the path, its permissions and the space left"
    return str(error)
