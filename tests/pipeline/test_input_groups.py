import hashlib

from hypothesis import given
from hypothesis import strategies as st

from corpus.identity import GROUP_BYTES, InputFile, grouped

FILES = st.lists(st.integers(0, 2 * GROUP_BYTES), max_size=60).map(
    lambda sizes: [file(number, size) for number, size in enumerate(sizes)]
)


def file(number: int, size: int) -> InputFile:
    return InputFile(f"{number:05d}.txt", size, hashlib.sha256(str(number).encode()).hexdigest())


@given(FILES)
def test_every_file_is_in_one_group_in_order(files: list[InputFile]) -> None:
    groups = grouped(files)
    assert [one for group in groups for one in group.files] == files
    assert all(group.size == sum(one.size for one in group.files) for group in groups)
    assert all(sum(one.size >= GROUP_BYTES for one in group.files[:-1]) == 0 for group in groups)


@given(FILES, st.data())
def test_a_new_file_changes_its_own_group_alone(files: list[InputFile], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(files)))
    before = grouped(files)
    after = grouped([*files[:place], file(99_999, data.draw(st.integers(0, 2 * GROUP_BYTES))), *files[place:]])
    assert len({group.fingerprint for group in before} - {group.fingerprint for group in after}) <= 1


def test_groups_are_about_as_large_as_they_should_be() -> None:
    for size in (100_000, 400_000, GROUP_BYTES // 2):
        count = 100 * GROUP_BYTES // size
        assert 60 < len(grouped(file(number, size) for number in range(count))) < 160
