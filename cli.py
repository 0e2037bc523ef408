"""The `llama-corpus` command: one thin function per subcommand."""

import typer

app = typer.Typer()


def main() -> None:
    app()
