import io

from rich.console import Console

from corpus.inspection.summary import print_ledger


def test_text_taken_out_and_put_in_have_their_signs() -> None:
    total = {"documents": 2, "bytes": 3_000_000, "lines": 90}
    stages = [
        {"stage": "comments", "kept": total, "dropped": {}, "removed": {"bytes": 500_000, "lines": 10}},
        {"stage": "macros", "kept": total, "dropped": {}, "removed": {"bytes": -250_000, "lines": 5}},
    ]
    stats = {"stages": [{"in": total, **stage} for stage in stages], "histograms": {}, "read": {}, "faults": []}
    out = io.StringIO()
    print_ledger(stats, Console(file=out, width=100))
    rows = {line.split(":")[0].strip(): line.split()[-2:] for line in out.getvalue().splitlines() if "inside" in line}
    assert rows == {"comments": ["-0.50", "-10"], "macros": ["+0.25", "-5"]}
