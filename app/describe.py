"""`python -m app.describe [FILE]`: write the OpenAPI document, so that clients' types come from a kept copy."""

from pathlib import Path

import click

from app import create_app
from app.env import load_settings
from app.net.openapi import DOCUMENT_FILE, document_text


@click.command()
@click.argument("file", default=DOCUMENT_FILE, type=click.Path(dir_okay=False, path_type=Path))
def main(file: Path) -> None:
    """Write the document to FILE; no engine has to run."""
    text = document_text(create_app(load_settings()))
    file.write_text(text, encoding="utf-8")
    click.echo(f"{file}: {len(text):,} characters.")


if __name__ == "__main__":
    main()
