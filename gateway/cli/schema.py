"""`hibachi schema`: writes the documents that are made from the models, or says which of them are behind."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.version import version
from gateway.http.openapi import openapi_document
from kernel.wire.document import asyncapi, json_schema

ROOT = Path(__file__).resolve().parents[2]
app = typer.Typer(invoke_without_command=True)


def documents() -> dict[str, dict[str, Any]]:
    """Every generated document, by its path in the checkout."""
    return {
        "docs/asyncapi.json": asyncapi(version()),
        "docs/openapi.json": openapi_document(),
        "web-widget/src/protocol/schema.json": json_schema(),
    }


@app.callback(invoke_without_command=True)
def schema(check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a document is behind.")] = False) -> None:
    """Write docs/asyncapi.json, docs/openapi.json and the schema that the client's types are made from."""
    behind = []
    for name, document in documents().items():
        path, text = ROOT / name, json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        if path.is_file() and path.read_text() == text:
            continue
        if check:
            behind.append(name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            typer.echo(f"wrote {name}")
    if behind:
        typer.echo(f"behind the models: {', '.join(behind)}. Run `hibachi schema` and commit what it writes.", err=True)
        raise typer.Exit(1)
