"""GitHub, 4.5 % of LLaMA's training tokens (arXiv 2302.13971, section 2.1).

The paper: the public GitHub dataset on Google BigQuery; only projects distributed under the Apache, BSD and MIT
licences are kept. Files of low quality are filtered with heuristics based on the line length or the proportion of
alphanumeric characters, boilerplate such as headers is removed, and the resulting dataset is deduplicated at the file
level, with exact matches. Here duplicates go before headers do, as in RedPajama: files that differ only in their
headers stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from corpus.cleaning.licence_headers import LicenceHeaders
from corpus.dedup.exact import ExactDedup
from corpus.errors import UnreadableInputError, UserError
from corpus.identity import InputFile, grouped
from corpus.models.files import ModelFiles
from corpus.pipeline.plan import Plan
from corpus.pipeline.reading import Reading
from corpus.pipeline.source_plan import source_plan
from corpus.pipeline.stage import Stage
from corpus.pipeline.upstream import Upstream
from corpus.quality.code_paths import Paths
from corpus.quality.code_rules import CodeRules
from corpus.quality.letters_per_token import LettersPerToken
from corpus.quality.licence import Licence
from corpus.sources import github_files, github_inputs, github_reader
from corpus.sources.github_index import Preference
from corpus.sources.github_join import Join
from corpus.sources.github_read import Files
from corpus.sources.github_reader import ReadProjects, open_tree
from corpus.sources.github_tables import TableKind, find_table
from corpus.sources.provenance import provenance


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """The stages in their order, with their parameters. The last one is RedPajama's and left out by default."""

    name: ClassVar[str] = "github"
    suffixes: ClassVar[tuple[str, ...]] = github_inputs.SUFFIXES

    read: Files = field(default_factory=Files)
    paths: Paths = field(default_factory=Paths)
    licence: Licence = field(default_factory=Licence)
    exact: ExactDedup = field(default_factory=lambda: ExactDedup(enabled=True))
    headers: LicenceHeaders = field(default_factory=LicenceHeaders)
    code_rules: CodeRules = field(default_factory=CodeRules)
    letters_per_token: LettersPerToken | None = None

    def plan(self, inputs: Sequence[InputFile], models: ModelFiles, limit: int | None, strict: bool) -> Plan:
        """Compare the files of all inputs with each other, then filter every input.

        Raises UserError for tables that need others: contents without paths, paths without contents; and when a model
        the recipe needs is missing.
        """
        kinds = {file: _kind(file.path) for file in inputs}
        read = [file for file in inputs if kinds[file] in (None, TableKind.JOINED, TableKind.CONTENTS)]
        join = self._join(kinds, strict)
        stages: list[Stage] = [self.read, *([join] if join else []), self.paths, self.licence]
        stages += [*([self.exact] if self.exact.enabled else []), self.headers, self.code_rules]
        software = ["chardet", "fastavro", "isal", "pyarrow"]
        if self.letters_per_token is not None:
            stages.append(self.letters_per_token)
            software.append("gigatoken")
        identity = provenance(self, stages, inputs, models, limit, software)
        reading = Reading(ReadProjects(self.read.limits), limit, strict)
        reader = {"reader": github_reader.VERSION, "limit": limit}
        return source_plan(
            stages,
            [Upstream(group, reading, models, reader, keep=True) for group in grouped(read)],
            identity,
            github_files.SCHEMA,
            strict=strict,
            categories=("language", "license", "encoding"),
            before=join.read if join else None,
        )

    def _join(self, kinds: dict[InputFile, TableKind | None], strict: bool) -> Join | None:
        of = {kind: tuple(file for file, found in kinds.items() if found is kind) for kind in TableKind}
        contents, files, licences = of[TableKind.CONTENTS], of[TableKind.FILES], of[TableKind.LICENCES]
        if contents and not files:
            raise UserError(f"{contents[0].path}: contents without paths; name the export of the table `files` too")
        if not len(files) + len(licences):
            return None
        if not len(contents) + len(of[TableKind.JOINED]):
            raise UserError(f"{(files + licences)[0].path}: a table without contents; name the export of those too")
        return Join(
            files=files, licences=licences, preference=Preference(self.licence.families, self.paths), strict=strict
        )


def _kind(path: str) -> TableKind | None:
    """The kind of a table, None for trees and for what is neither, which is told when it is read."""
    try:
        table = None if open_tree(path, 1 << 20) else find_table(path)
    except UnreadableInputError:
        return None
    return table.kind if table else None
