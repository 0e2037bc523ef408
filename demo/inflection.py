"""English endings: plural of nouns, forms of verbs. Phrases keep their tail: "walk home" -> "walked home"."""


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """ "a b c, d e f" -> {"a": ("b", "c"), "d": ("e", "f")}"""
    rows = (row.split() for row in text.split(","))
    return {row[0]: tuple(row[1:]) for row in rows}


# Singular and plural.
IRREGULAR_PLURALS = _table("""
    knife knives, shelf shelves, wolf wolves, thief thieves, loaf loaves, leaf leaves, calf calves, scarf scarves,
    foot feet, goose geese, mouse mice, dormouse dormice, tooth teeth, man men, woman women, child children,
    sheep sheep, deer deer, ox oxen, potato potatoes, tomato tomatoes, hero heroes, postman postmen,
    fisherman fishermen, ferryman ferrymen, coachman coachmen, signalman signalmen, watchman watchmen,
    midwife midwives, radish radishes
""")

# Base form, past, past participle.
IRREGULAR_VERBS = _table("""
    say said said, run ran run, ride rode ridden, creep crept crept, find found found, hide hid hidden, hold held held,
    break broke broken, lose lost lost, sell sold sold, lend lent lent, steal stole stolen, keep kept kept,
    shake shook shaken, forget forgot forgotten, understand understood understood, mistake mistook mistaken,
    build built built, draw drew drawn, teach taught taught, feed fed fed, sleep slept slept, sing sang sung,
    swim swam swum, breed bred bred, spread spread spread, tear tore torn, give gave given, take took taken,
    throw threw thrown, put put put, cut cut cut, weave wove woven, rebuild rebuilt rebuilt, swear swore sworn,
    mislay mislaid mislaid, hear heard heard
""")

# Verbs that double their last consonant before -ed and -ing.
DOUBLING = frozenset(
    (
        *("admit", "chop", "cut", "drop", "forget", "jog", "nod", "plan", "plod", "put", "regret", "run", "scrub"),
        *("skip", "slip", "stir", "stop", "swim", "travel", "trim", "trot", "unwrap", "wrap"),
    )
)
VOWELS = frozenset("aeiou")


def plural(noun: str) -> str:
    """The plural; in "pair of pliers" it is the word before "of" that changes."""
    if " of " in noun:
        head, tail = noun.split(" of ", 1)
        return f"{plural(head)} of {tail}"
    head, space, word = noun.rpartition(" ")
    return head + space + (IRREGULAR_PLURALS[word][0] if word in IRREGULAR_PLURALS else _with_s(word))


def third_person(verb: str) -> str:
    head, tail = _split(verb)
    return _with_s(head) + tail


def past(verb: str) -> str:
    head, tail = _split(verb)
    irregular = IRREGULAR_VERBS.get(head)
    return (irregular[0] if irregular else _with_ed(head)) + tail


def participle(verb: str) -> str:
    head, tail = _split(verb)
    irregular = IRREGULAR_VERBS.get(head)
    return (irregular[1] if irregular else _with_ed(head)) + tail


def gerund(verb: str) -> str:
    head, tail = _split(verb)
    if head in DOUBLING:
        head += head[-1]
    elif head.endswith("ie"):
        head = head[:-2] + "y"
    elif head.endswith("e") and not head.endswith(("ee", "oe", "ye")):
        head = head[:-1]
    return head + "ing" + tail


def _split(verb: str) -> tuple[str, str]:
    head, space, tail = verb.partition(" ")
    return head, space + tail


def _with_s(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in ("go", "do"):
        return word + "es"
    if word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _with_ed(word: str) -> str:
    if word in DOUBLING:
        return word + word[-1] + "ed"
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "ied"
    return word + "ed"
