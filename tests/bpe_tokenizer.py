"""A small byte-level BPE tokenizer in the format tokenizer.json."""

import json
from pathlib import Path


def write_tokenizer(folder: Path) -> Path:
    """The file, under the name of Pythia's, built as that is: NFC, and runs of spaces as tokens of their own."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet)
    sources = [path.read_text("utf-8") for path in sorted((Path(__file__).parent / "quality").glob("*.py"))]
    tokenizer.train_from_iterator(sources, trainer)
    definition = json.loads(tokenizer.to_str())
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": True, "special": False}
    for number, length in enumerate(range(24, 1, -1)):
        definition["added_tokens"].append({"id": 700 + number, "content": " " * length, **flags})
    path = folder / "pythia.tokenizer.json"
    path.write_text(json.dumps(definition))
    return path
