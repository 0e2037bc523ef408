"""The rules that count words and lines, as a block of stages that a source may end in."""

from corpus.pipeline.stage import Stage
from corpus.quality.fineweb import FineWeb
from corpus.quality.gopher import GopherQuality, GopherRepetition
from corpus.quality.rules import Statistics


def word_rules(
    repetition: GopherRepetition | None, quality: GopherQuality | None, fineweb: FineWeb | None
) -> tuple[Stage, ...]:
    """The rules given, in FineWeb's order, behind one stage that counts what they ask for; nothing without any."""
    rules = [rule for rule in (repetition, quality, fineweb) if rule is not None]
    if not rules:
        return ()
    statistics = Statistics(
        stop_words=quality.stop_words if quality else (),
        short_line=fineweb.short_line if fineweb else FineWeb.short_line,
        repetition=repetition is not None,
    )
    return (statistics, *rules)
