"""Generated projects as GitHub's archives: permitted licences and others, headers, vendored folders, minified files."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.english import Author
from demo.planted import DROPPED, KEPT, PlantedDocument, planted
from demo.sources.book_forms import wrapped, zipped
from demo.sources.licence_statements import APACHE_TAG, GPL_NOTICE, MIT_HEADER, MIT_TAG, MIT_TEXT
from demo.sources.source_code import WRITERS, Programmer
from demo.stream import Stream
from demo.world import World

NOT_PERMITTED, UNKNOWN = ("licence/licence_not_permitted",), ("licence/licence_unknown",)
COPY = ("exact/duplicate",)
BSD_METADATA = '[project]\nname = "scales"\nlicense = "BSD-3-Clause"\n'
SUFFIXES = tuple(WRITERS)


def write_github(out: Path, world: World, *, megabytes: float) -> list[PlantedDocument]:
    """Writes archives of eight projects, the permitted ones with about `megabytes` (10^6 bytes) of code together."""
    forge = _Forge(Programmer(Author(world, Stream(world.seed, "github"))))
    mit, bsd = forge.project("alder-mill"), forge.project("birch-scales")
    forge.plant_licences(mit, bsd)
    forge.plant_headers(mit)
    forge.plant_quality(mit)
    forge.plant_copies(mit)
    kept = (mit, bsd)
    while sum(project.text_bytes for project in kept) < megabytes * 1e6:
        project = forge.stream.pick(kept)
        forge.ordinary(project)
    for project in forge.projects:
        project.write(out)
    return [document for project in forge.projects for document in project.planted]


class _Project:
    """The files of one project, under the name GitHub gives its archive's folder: owner, name, commit."""

    def __init__(self, name: str, packed: str) -> None:
        self.repo = name.replace("-", "/", 1)
        self.commit = hashlib.sha1(name.encode()).hexdigest()
        self.top, self.packed = f"{name}-{self.commit}", packed
        self.files: dict[str, bytes] = {}
        self.links: dict[str, str] = {}
        self.planted: list[PlantedDocument] = []
        self.text_bytes = 0

    def add(self, path: str, content: str | bytes) -> bytes:
        data = content.encode() if isinstance(content, str) else content
        self.files[path] = data
        self.text_bytes += len(data)
        return data

    def plant(
        self,
        case: str,
        path: str,
        content: str | bytes,
        outcome: str = KEPT,
        reasons: tuple[str, ...] = (),
        *,
        contains: Sequence[str] = (),
        lacks: Sequence[str] = (),
    ) -> None:
        data = self.add(path, content)
        blob = hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest()
        unread = any(reason.startswith("read/") for reason in reasons)
        self.expect(case, path if unread else f"{path}@{blob}", outcome, reasons, contains, lacks)

    def expect(
        self,
        case: str,
        name: str,
        outcome: str,
        reasons: tuple[str, ...] = (),
        contains: Sequence[str] = (),
        lacks: Sequence[str] = (),
    ) -> None:
        identity = f"github:{self.repo}/{name}"
        self.planted.append(planted(identity, self.archive, case, outcome, reasons, contains=contains, lacks=lacks))

    @property
    def archive(self) -> str:
        return f"{self.top}{self.packed}"

    def write(self, out: Path) -> None:
        files = {f"{self.top}/{path}": data for path, data in self.files.items()}
        data = (
            zipped(files, self.commit) if self.packed == ".zip" else _tarball(files, self.top, self.links, self.commit)
        )
        (out / self.archive).write_bytes(data)


def _tarball(files: Mapping[str, bytes], top: str, links: Mapping[str, str], commit: str) -> bytes:
    """As `git archive` makes them: the commit in a header of the whole, no owners."""
    stream = io.BytesIO()
    headers = {"comment": commit}
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in links.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return gzip.compress(stream.getvalue(), mtime=0)


class _Forge:
    """Makes the projects and what is in them."""

    def __init__(self, programmer: Programmer) -> None:
        self.programmer, self.stream = programmer, programmer.stream
        self.projects: list[_Project] = []

    def project(self, name: str, packed: str = ".tar.gz") -> _Project:
        self.projects.append(_Project(name, packed))
        return self.projects[-1]

    def ordinary(self, project: _Project) -> None:
        suffix = self.stream.pick(SUFFIXES)
        code = self.programmer.file(suffix)
        case = "file of a project under MIT" if project.repo == "alder/mill" else "file of a project under BSD"
        project.plant(case, f"src/part{len(project.files)}{suffix}", code, contains=[code])

    def plant_licences(self, mit: _Project, bsd: _Project) -> None:
        mit.add("LICENSE", MIT_TEXT)
        bsd.add("pyproject.toml", BSD_METADATA)
        apache, zipball = self.project("cedar-rails"), self.project("elm-ferry", ".zip")
        gpl, bare = self.project("dogwood-gears"), self.project("fir-kettle")
        zipball.add("LICENSE", MIT_TEXT)
        gpl.add("package.json", json.dumps({"name": "gears", "license": "GPL-3.0-or-later"}))
        mit.add("vendor/gears/package.json", json.dumps({"name": "gears", "license": "GPL-3.0-only"}))
        for suffix in SUFFIXES:
            code = self.programmer.file(suffix)
            if suffix in (".py", ".sh"):
                body = code.removeprefix("#!/bin/sh\n")
                apache.plant(
                    "Apache by a tag", f"a{suffix}", f"# {APACHE_TAG}\n{body}", contains=[body.strip()], lacks=["SPDX"]
                )
            zipball.plant("zip archive", f"z{suffix}", self.programmer.file(suffix))
            gpl.plant("file of a project under GPL", f"g{suffix}", self.programmer.file(suffix), DROPPED, NOT_PERMITTED)
            bare.plant(
                "file of a project without licence", f"b{suffix}", self.programmer.file(suffix), DROPPED, UNKNOWN
            )
            vendored = f"vendor/gears/v{suffix}"
            mit.plant("vendored folder under GPL", vendored, self.programmer.file(suffix), DROPPED, NOT_PERMITTED)
        own = f"{_commented('# ', GPL_NOTICE)}\n\n{self.programmer.file('.py')}"
        mit.plant("file with a GPL notice of its own", "src/own.py", own, DROPPED, NOT_PERMITTED)
        tagged = f"// {MIT_TAG}\n\n{self.programmer.file('.js')}"
        gpl.plant("file with an MIT tag of its own", "src/own.js", tagged, lacks=["SPDX"])

    def plant_headers(self, project: _Project) -> None:
        """Licence headers go; shebangs, documentation and code stay."""
        for suffix, mark in ((".py", "# "), (".go", "// "), (".js", "// ")):
            code = self.programmer.file(suffix)
            text = f"{_commented(mark, MIT_HEADER)}\n\n{code}"
            project.plant("licence header", f"src/head{suffix}", text, contains=[code.strip()], lacks=["Copyright"])
        code = self.programmer.file(".c")
        text = f"/*\n{_commented(' * ', MIT_HEADER)} */\n\n{code}"
        project.plant("licence header", "src/head.c", text, contains=[code.strip()], lacks=["Copyright"])
        shebang, body = self.programmer.file(".sh").split("\n", 1)
        text = f"{shebang}\n{_commented('# ', MIT_HEADER)}\n{body}"
        project.plant(
            "shebang above a header", "src/head.sh", text, contains=[f"{shebang}\n", body.strip()], lacks=["Copyright"]
        )
        told = "Grinds corn by the sack."
        text = f"{_commented('# ', MIT_HEADER)}\n#\n# {told}\n\n{self.programmer.file('.py')}"
        project.plant("header and documentation in one", "src/told.py", text, contains=[told], lacks=["Copyright"])
        title = f"# The mill\n\n{wrapped(self.programmer.author.paragraph())}\n"
        project.plant("title of a document", "README.md", title, contains=[title.strip()])
        lines = ["// Grinds corn by the sack, as the copyright of old said.", self.programmer.file(".js")]
        project.plant(
            "comment that is no header", "src/doc.js", "\n\n".join(lines), contains=["// Grinds corn by the sack"]
        )

    def plant_quality(self, project: _Project) -> None:
        stream = self.stream
        minified = ";".join(f"var a{number}={stream.between(1, 999)}" for number in range(400))
        rule = "code_rules/"
        project.plant("minified file", "dist/mill.min.js", minified, DROPPED, (f"{rule}long_line",))
        wide = "".join(f"int {'wide_' * 24}{number} = {stream.between(1, 99)};\n" for number in range(40))
        project.plant("long lines", "src/wide.c", wide, DROPPED, (f"{rule}long_lines",))
        marks = "\n".join("+-" * 30 + "|" for _ in range(40))
        project.plant("few letters", "src/marks.md", marks, DROPPED, (f"{rule}few_alphanumerics",))
        generated = f"// Code generated by cornc from corn.y. DO NOT EDIT.\n\n{self.programmer.file('.go')}"
        project.plant("generated file", "src/corn.go", generated, DROPPED, (f"{rule}generated",))
        rows = "".join(f"    {', '.join(str(stream.between(100, 99999)) for _ in range(9))},\n" for _ in range(90))
        project.plant("table of numbers", "src/rows.py", f"ROWS = [\n{rows}]\n", DROPPED, (f"{rule}data",))
        project.plant("binary file", "src/table.c", b"\0\1\2\3" * 200, DROPPED, ("read/binary",))
        project.plant("empty file", "src/empty.py", b"", DROPPED, ("read/empty",))
        project.plant("no code", "data/prices.csv", "a,b\n1,2\n", DROPPED, ("paths/suffix_not_kept",))
        latin = f"# Gemacht von M\xfcller.\n{self.programmer.file('.py')}".encode("latin-1")
        project.plant("ISO-8859-1", "src/latin.py", latin, contains=["Gemacht von M\xfcller."])
        project.links["src/link.py"] = "empty.py"
        project.expect("link", "src/link.py", DROPPED, ("read/link",))
        project.plant(
            "path that leads out", "../../out.py", self.programmer.file(".py"), DROPPED, ("read/unsafe_path",)
        )

    def plant_copies(self, original: _Project) -> None:
        """A project that took over files of another one; files that differ in their headers stay."""
        fork = self.project("hazel-mill")
        fork.add("LICENSE", MIT_TEXT)
        for suffix in SUFFIXES:
            code = self.programmer.file(suffix)
            original.plant("file that another project took over", f"lib/shared{suffix}", code)
            fork.plant("copy", f"lib/shared{suffix}", code, DROPPED, COPY)
        code = self.programmer.file(".py")
        original.plant("copy but for its header", "lib/other.py", code)
        fork.plant(
            "copy but for its header",
            "lib/other.py",
            f"{_commented('# ', MIT_HEADER)}\n\n{code}",
            contains=[code.strip()],
        )


def _commented(mark: str, text: str) -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text.splitlines())
