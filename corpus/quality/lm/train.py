"""`lm train`: CCNet's language models, trained anew on the texts of files."""

from collections.abc import Sequence
from pathlib import Path

from corpus.errors import UserError
from corpus.pipeline.progress import display
from corpus.pipeline.publication import software_versions
from corpus.quality.lm.build import Settings, check_language, train_lm
from corpus.quality.lm.record import LanguageModel, find_finished, sha256_of
from corpus.quality.lm.texts import TextReader, text_files

CCNET_TEXTS = 1_000_000
"""How many pages of a Wikipedia cc_net trains on (`Makefile: NDOC_FOR_LM`)."""


def train_language_model(
    inputs: Sequence[str],
    out: Path,
    *,
    language: str,
    settings: Settings,
    sentencepiece_model: Path | None = None,
    limit: int | None = CCNET_TEXTS,
    workers: int = 1,
    overwrite: bool = False,
) -> LanguageModel:
    """Trains on the texts of files (see `text_files`), in the order of their names.

    language: names the model, and which documents are read where they name theirs. limit: texts read at most. workers:
    threads that encode. sentencepiece_model: used instead of training one. A model that the same command made is left
    alone; one that another made, too, unless `overwrite`. Raises UsageError and UserError.
    """
    check_language(language)
    files = text_files(inputs)
    request = {
        "settings": {**settings.as_json(), "limit": limit, "sentencepiece_model": _fingerprint(sentencepiece_model)},
        "inputs": [file.as_json() for file in files],
        "software": software_versions(("sentencepiece",)),
    }
    if (found := find_finished(out, language, request)) is not None:
        return found
    if (out / f"{language}.arpa").exists() and not overwrite:
        raise UserError(
            f"{out / language}.arpa: exists, made by another command; choose another --out, or --overwrite it"
        )
    steps = [("read", 1.0), ("sentencepiece", 0.0 if sentencepiece_model else 5.0), ("encode", 5.0), ("estimate", 1.0)]
    with display(steps) as monitor:
        monitor.step("read", len(files), 0, sum(file.size for file in files), 0)
        reader = TextReader(language, limit, monitor.advance)
        model = train_lm(
            reader.read(files),
            out,
            language=language,
            settings=settings,
            sentencepiece_model=sentencepiece_model,
            workers=workers,
            monitor=monitor,
            request=request,
        )
    if reader.other_languages or reader.without_text:
        monitor.note(f"left out: {reader.other_languages:,} in other languages, {reader.without_text:,} without text")
    return model


def _fingerprint(model: Path | None) -> str | None:
    if model is None:
        return None
    if not model.is_file():
        raise UserError(f"{model}: no such file; give a sentencepiece model, or none to train one")
    return sha256_of(model)
