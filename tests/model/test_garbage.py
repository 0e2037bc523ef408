"""The collector is off between steps, leaves no cycles for long, and is on again afterwards."""

import gc
import weakref

import pytest

from model.garbage import collect_between_steps


class Loop:
    def __init__(self) -> None:
        self.itself = self


def test_cycles_live_until_a_step_that_collects() -> None:
    with collect_between_steps() as after_step:
        assert not gc.isenabled()
        gone = weakref.ref(Loop())
        after_step(49)
        assert gone() is not None
        after_step(50)
        assert gone() is None
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_restored_after_an_error() -> None:
    with pytest.raises(KeyError), collect_between_steps():
        raise KeyError
    assert gc.isenabled()
