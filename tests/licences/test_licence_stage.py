"""The licence stage decides by the file's own header, else by what was found around it."""

import pyarrow as pa
import pytest

from corpus.models.files import ModelFiles
from corpus.pipeline.stage import Resources, StageResult
from corpus.quality.licence import Licence

GPL = "# This program is free software; you can redistribute it and/or modify it under the terms of the\n# GNU General Public License as published by the Free Software Foundation, version 2.\n"  # noqa: E501


def decide(text: str, license_: str | None, path: str = "a/b.py") -> StageResult:
    batch = pa.record_batch(
        {
            "text": pa.array([text], pa.large_string()),
            "path": pa.array([path]),
            "license": pa.array([license_], pa.string()),
            "license_evidence": pa.array([None], pa.string()),
        }
    )
    return Licence().open(Resources(ModelFiles(()), {}))(batch)


@pytest.mark.parametrize(
    ("text", "around", "kept"),
    [
        ("x = 1\n", "MIT", "MIT"),
        ("x = 1\n", "GPL-3.0-only", None),
        ("x = 1\n", None, None),
        ("# SPDX-License-Identifier: GPL-2.0-only\nx = 1\n", "MIT", None),
        ("# SPDX-License-Identifier: MIT\nx = 1\n", "GPL-3.0-only", "MIT"),
        (GPL + "x = 1\n", "MIT", None),
        ("# Licensed under the Apache License, Version 2.0\nx = 1\n", None, "Apache-2.0"),
        ("x = 'SPDX-License-Identifier: GPL-2.0-only'\n", "MIT", "MIT"),
    ],
)
def test_decision(text: str, around: str | None, kept: str | None) -> None:
    result = decide(text, around)
    assert result.kept.column("license").to_pylist() == ([] if kept is None else [kept])
    assert len(result.dropped.rows) == (kept is None)


def test_reasons() -> None:
    assert [reason.value for reason in decide("x\n", None).dropped.reasons] == ["licence_unknown"]
    assert [reason.value for reason in decide("x\n", "ISC").dropped.reasons] == ["licence_not_permitted"]
