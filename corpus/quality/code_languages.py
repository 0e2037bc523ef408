"""The programming language of a file by its name, for the suffixes RedPajama keeps (github_run_filter.py)."""

_SUFFIXES = {
    "Assembly": ".asm",
    "Batchfile": ".bat .cmd",
    "C": ".c .h",
    "C#": ".cs",
    "C++": ".cpp .hpp .c++ .h++ .cc .hh .C .H",
    "CMake": ".cmake",
    "CSS": ".css",
    "Dockerfile": ".dockerfile Dockerfile",
    "Fortran": ".f90 .f .f03 .f08 .f77 .f95 .for .fpp",
    "Go": ".go",
    "Haskell": ".hs",
    "HTML": ".html",
    "Java": ".java",
    "JavaScript": ".js",
    "Julia": ".jl",
    "Lua": ".lua",
    "Makefile": "Makefile",
    "Markdown": ".md .markdown",
    "Objective-C": ".m",
    "PHP": ".php .php3 .php4 .php5 .phps .phpt",
    "Perl": ".pl .pm .pod .perl",
    "PowerShell": ".ps1 .psd1 .psm1",
    "Python": ".py",
    "reStructuredText": ".rst",
    "Ruby": ".rb",
    "Rust": ".rs",
    "SQL": ".sql",
    "Scala": ".scala",
    "Shell": ".sh .bash .command .zsh",
    "Smali": ".smali",
    "TypeScript": ".ts .tsx",
    "TeX": ".tex",
    "Visual Basic": ".vb",
    "XML": ".xml",
}
"""Languages under their names at GitHub; `.m` is also MATLAB's and `.h` C++'s, which a name cannot tell."""

LANGUAGE_OF = {suffix: language for language, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
"""Language by suffix, dot and case included, or by the whole name where a file has no suffix."""


def language_of(path: str) -> str | None:
    """The language of the file at `path`, None for any other than those of LANGUAGE_OF."""
    name = path[path.rfind("/") + 1 :]
    dot = name.rfind(".")
    return LANGUAGE_OF.get(name[dot:] if dot >= 0 else name)
