"""Trains on a machine without the corpus half: `python -m model --shards DIR --out RUN`, from a source checkout.

It is `llama-corpus train` without the packages of the command line, and needs torch, numpy, pyarrow, safetensors and
sentencepiece only.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from corpus.errors import UsageError, UserError
from model.config import SIZES
from model.progress import train_with_display


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code: 0, 1 where the work failed, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m model", description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=Path, required=True, help="token shards, made by `llama-corpus tokenize`")
    parser.add_argument("--out", type=Path, required=True, help="directory of the run; the same command continues it")
    parser.add_argument("--size", choices=SIZES, default="demo", help="default: demo")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a setting; repeatable")
    parser.add_argument("--device", help="a torch device; default: the GPU if there is one")
    parser.add_argument("--json", action="store_true", help="print a machine-readable summary")
    chosen = parser.parse_args(arguments)
    try:
        settings = dict(parse_setting(setting) for setting in chosen.set)
        summary = train_with_display(chosen.shards, chosen.out, chosen.size, device=chosen.device, **settings)
    except (UserError, UsageError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    if chosen.json:
        print(json.dumps(summary.as_json()))
    else:
        summary.print()
    return 0


def parse_setting(setting: str) -> tuple[str, Any]:
    """NAME=VALUE, the value being JSON or else a word. Raises UsageError without an equals sign."""
    name, equals, value = setting.partition("=")
    if not equals:
        raise UsageError(f"--set {setting}: is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


if __name__ == "__main__":
    sys.exit(main())
