"""Figures arrive in order, all of them; on a CPU at once."""

import pytest
import torch

from model.readback import Readback


def test_on_a_cpu_at_once() -> None:
    reading: Readback[str] = Readback(torch.device("cpu"))
    figures = torch.tensor([1.0, 2.0])
    reading.put("first", figures)
    figures += 1  # what was put is what is read
    assert list(reading.take()) == [("first", [1.0, 2.0])]
    assert list(reading.take(everything=True)) == []


def test_one_behind_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    reading: Readback[int] = Readback(torch.device("cpu"))
    reading._behind = 1  # as on a GPU
    taken = []
    for step in range(4):
        reading.put(step, torch.tensor([float(step)]))
        taken.append([label for label, _ in reading.take()])
    assert taken == [[], [0], [1], [2]]
    assert list(reading.take(everything=True)) == [(3, [3.0])]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu() -> None:
    device = torch.device("cuda")
    reading: Readback[int] = Readback(device)
    for step in range(3):
        reading.put(step, torch.full((2,), float(step), device=device))
    assert list(reading.take()) == [(0, [0.0, 0.0]), (1, [1.0, 1.0])]
    assert list(reading.take(everything=True)) == [(2, [2.0, 2.0])]
