"""The licence a source file states of itself, from the words of its leading comments."""

from collections import OrderedDict
from hashlib import blake2b

from corpus.licences.notices import notice, offers_choice, spdx_expression
from corpus.licences.spdx import identifiers, join, stems
from corpus.licences.texts import licence_texts
from corpus.licences.tree import Finding

MOST = 16_384
"""Characters of the leading comments that are read; the longest notices in use have a tenth of that."""
MOST_KEPT = 1 << 16
"""Comments whose licence is remembered, by digest: projects repeat theirs, and comparing steps read files again."""

_stated_in: OrderedDict[bytes, Finding | None] = OrderedDict()


def own_licence(comments: str, around: Finding) -> Finding | None:
    """What a file grants in `comments`; None where it grants nothing, or only points to the licence `around` it.

    An `SPDX-License-Identifier` comes first, then the texts of licences and the sentences that name one, by OR where
    they offer a choice, else by AND. A notice that leaves the version open ("a BSD-style license that can be found in
    the LICENSE file") is the licence around it where that is of the same family; so is one that offers a choice but
    names fewer licences than there are to choose from around it ("either the GPL or the Less License").
    """
    found = _stated(comments[:MOST])
    if found is None or found.expression is None:
        return None
    vague = all(name.startswith("LicenseRef-") for name in identifiers(found.expression))
    if vague and around.expression and stems(found.expression) <= stems(around.expression):
        return None
    if around.expression and " OR " in around.expression and stems(found.expression) < stems(around.expression):
        return None if offers_choice(comments[:MOST]) else found
    return found


def _stated(comments: str) -> Finding | None:
    key = blake2b(comments.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if key not in _stated_in:
        _stated_in[key] = _read(comments)
        if len(_stated_in) > MOST_KEPT:
            _stated_in.popitem(last=False)
    return _stated_in[key]


def _read(comments: str) -> Finding | None:
    tagged = spdx_expression(comments)
    if tagged is not None:
        return Finding(tagged, f"its own SPDX header: {tagged}")
    texts, named = licence_texts(comments).found, notice(comments, bare=False)
    if not texts:
        return None if named is None else Finding(named.expression, f'its own header says "{named.words}"')
    held = join("AND", [one.identifier for one in texts])
    evidence = "its own header: " + " and ".join(f"{one.identifier} text, {one.coverage:.2f}" for one in texts)
    if named is None or stems(named.expression) <= stems(held):
        return Finding(held, evidence)
    operator = "OR" if offers_choice(comments) else "AND"
    return Finding(join(operator, [named.expression, held]), f'{evidence}; says "{named.words}"')
