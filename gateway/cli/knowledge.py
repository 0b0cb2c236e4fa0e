"""`hibachi knowledge`: what the business has written, as assistants know it. Files and pages come in, are listed and removed."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile.figures import figures
from business.profile.loader import SHIPPED, load_profile
from business.staff import audit
from gateway.cli.database import on_database
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import GatewayError
from kernel.log import configure_command
from kernel.settings import Settings
from knowledge.corpus import documents, indexes, seeding
from knowledge.corpus.documents import Listed, Wanted, Whole
from knowledge.corpus.incoming import NewDocument
from knowledge.corpus.kinds import kind_of
from knowledge.corpus.placeholders import filler

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

FAILED = 1
LOOK_EVERY = 0.2
PAGE = 200
SUFFIXES = (".md", ".markdown", ".html", ".htm", ".pdf", ".txt")  # of what is taken out of a folder

Audience = Literal["everyone", "staff"]
What = Annotated[list[str], typer.Argument(help="Files, folders, patterns like 'menus/*.pdf', addresses of pages.")]
Which = Annotated[str, typer.Argument(help="Id of the document, or as much of it as tells it apart.")]
Wait = Annotated[float, typer.Option(min=0, max=3_600, help="Seconds to wait until they are read; 0: not at all.")]


@app.callback()
def group() -> None:
    """What the business has written."""
    configure_command()


@dataclass(frozen=True, slots=True)
class _Given:
    """Something to add, by the name under which it was given."""

    name: str
    new: NewDocument | None
    error: str | None = None


@app.command()
def add(
    what: What,
    language: Annotated[str, typer.Option(help="Two letters; unset: as the document says, else en.")] = "",
    title: Annotated[str, typer.Option(help="For one document; unset: as it says itself.")] = "",
    audience: Annotated[Audience, typer.Option(help="Who may be told of it.")] = "everyone",
    wait: Wait = 120.0,
) -> None:
    """Add documents and see them read; status 1 where one of them failed."""

    async def work(database: Database, settings: Settings) -> bool:
        most = settings.knowledge.document_megabytes * 1024**2
        given = [_given(name, most, language, title, audience) for name in _names(what)]
        added: dict[UUID, str] = {}
        failed = False
        for one in given:
            error = one.error
            if one.new is not None:
                error = await _added(database, one.new)
            if error is None and one.new is not None:
                added[one.new.id] = one.name
            else:
                failed = True
                _tell(one.name, f"failed: {error}")
        return not (await _wait(database, added, wait)) or failed

    if on_database(work):
        raise typer.Exit(FAILED)


@app.command("list")
def list_all(
    search: Annotated[str | None, typer.Argument(help="In titles and names.")] = None,
    state: Annotated[Literal["waiting", "reading", "ready", "failed"] | None, typer.Option(help="Only these.")] = None,
) -> None:
    """All documents: id, state, pieces, language, who may be told of it, title."""

    async def read(connection: AsyncConnection) -> list[Listed]:
        found: list[Listed] = []
        while page := await documents.listing(connection, Wanted(search=search, state=state, limit=PAGE, offset=len(found))):
            found += page
        return found

    for one in on_database(lambda database, _: database.unit(read)):
        pieces = _many(one.pieces) + (f", {one.held_back} held back" if one.held_back else "")
        typer.echo(f"{one.id}  {one.state:8} {pieces:28} {one.language} {one.audience:9} {one.title}")


@app.command()
def show(which: Which) -> None:
    """One document: what is to be said of it, and its pieces."""

    async def work(connection: AsyncConnection) -> Whole | None:
        return await documents.one(connection, await documents.named(connection, which))

    found = on_database(lambda database, _: database.unit(work))
    if found is None:
        raise typer.Exit(FAILED)
    one = found.document
    typer.echo(
        f"{one.title}\n{one.kind} from {one.address or one.file_name or one.origin}, {one.language}, for {one.audience}: {one.state}"
    )
    for line in (*([f"error: {one.error}"] if one.error else []), *one.remarks):
        typer.echo(line)
    for piece in found.pieces:
        held = "" if piece.held_back is None else " [let through]" if piece.let_through_by else f" [held back: {piece.held_back}]"
        typer.echo(f"\n--- {piece.ordinal + 1} {piece.heading}{held}\n{piece.text}")


@app.command("read-again")
def read_again(which: Which, wait: Wait = 120.0) -> None:
    """Read it once more: a page is fetched anew."""

    async def again(connection: AsyncConnection) -> UUID:
        document = await documents.named(connection, which)
        await documents.read_again(connection, document, utc_now())
        await audit.record(connection, "cli", None, "document.read_again", document)
        return document

    async def work(database: Database, _: Settings) -> bool:
        return await _wait(database, {await database.unit(again): which}, wait)

    if not on_database(work):
        raise typer.Exit(FAILED)


@app.command()
def remove(
    which: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a document with every piece, vector and record that holds one."""

    async def find(connection: AsyncConnection) -> Whole | None:
        return await documents.one(connection, await documents.named(connection, which))

    found = on_database(lambda database, _: database.unit(find))
    if found is None:
        raise typer.Exit(FAILED)
    document = found.document.id
    if not yes:
        typer.confirm(f"Delete “{found.document.title}” and its {_many(len(found.pieces))}?", abort=True)

    async def drop(connection: AsyncConnection) -> None:
        if await documents.delete(connection, document):
            await audit.record(connection, "cli", None, "document.deleted", document)

    on_database(lambda database, _: database.unit(drop))


@app.command()
def status() -> None:
    """How many documents stand how, and the vectors by which they are found."""

    async def read(connection: AsyncConnection) -> tuple[dict[str, int], Sequence[indexes.State]]:
        states = ("ready", "waiting", "reading", "failed")
        return {state: await documents.count(connection, Wanted(state=state)) for state in states}, await indexes.overview(connection)

    counted, standing = on_database(lambda database, _: database.unit(read))
    typer.echo("documents  " + ", ".join(f"{many} {state}" for state, many in counted.items()))
    for index in standing:
        how = "HNSW" if index.approximate else "exact"
        typer.echo(f"vectors    {index.model}, {index.dimensions}: {index.state}, {index.embedded} of {index.pieces} pieces, {how}")
        if index.error:
            typer.echo(f"           {index.error}")


@app.command()
def vectors(
    profile: Annotated[Path, typer.Argument(help="The profile beside which the documents stand.")] = SHIPPED,
    check: Annotated[bool, typer.Option("--check", help="Write nothing: say what lacks a vector.")] = False,
) -> None:
    """Make the vectors that ship with the documents of a profile; needs no database."""
    from knowledge.corpus.embedder import MiniLM
    from knowledge.embedding.encoder import Encoder

    folder, read = profile.with_suffix(""), load_profile(profile)
    fill = filler(lambda language: figures(read, language))
    if check:
        missing = seeding.stale(folder, fill)
        for text in missing:
            typer.echo(f"no vector: {text!r}")
        raise typer.Exit(FAILED if missing else 0)
    found = seeding.pieces(folder, fill)
    file = seeding.keep(folder, found, asyncio.run(MiniLM(Encoder()).embed(list(found))))
    typer.echo(f"{len(found)} pieces -> {file}, {file.stat().st_size} bytes")


def _names(what: Sequence[str]) -> Iterator[str]:
    """Each file and address, once."""
    found: dict[str, None] = {}
    for name in what:
        path = Path(name)
        if name.startswith(("http://", "https://")) or path.is_file():
            found[name] = None
        elif path.is_dir():
            found |= dict.fromkeys(str(one) for one in sorted(path.rglob("*")) if one.is_file() and one.suffix.lower() in SUFFIXES)
        else:
            matching = [str(one) for one in sorted(Path().glob(name))] if not path.is_absolute() else []
            found |= dict.fromkeys(matching or [name])
    return iter(found)


def _given(name: str, most: int, language: str, title: str, audience: Audience) -> _Given:
    common: dict[str, Any] = {"language": language, "title": title, "audience": audience}
    if name.startswith(("http://", "https://")):
        return _Given(name, NewDocument("page", "page", address=name, **common))
    path = Path(name)
    try:
        if path.stat().st_size > most:
            return _Given(name, None, f"it is larger than {most // 1024**2} MB, which is the most that is taken")
        raw = path.read_bytes()
        return _Given(name, NewDocument(kind_of(raw, path.name), "upload", raw=raw, file_name=path.name, **common))
    except OSError as error:
        return _Given(name, None, f"cannot be read: {os.strerror(error.errno or 0)}")
    except GatewayError as error:
        return _Given(name, None, error.message)


async def _added(database: Database, new: NewDocument) -> str | None:
    """Why not, where it was not."""

    async def store(connection: AsyncConnection) -> None:
        await documents.add(connection, new, utc_now())
        await audit.record(connection, "cli", None, "document.added", new.id, {"kind": new.kind})

    try:
        await database.unit(store)
    except GatewayError as error:
        return error.message
    return None


async def _wait(database: Database, added: dict[UUID, str], seconds: float) -> bool:
    """Tell of each as it is read; True where all were, or nobody waits."""
    waiting, well = dict(added), True
    if seconds == 0:
        for document, name in waiting.items():
            _tell(name, f"added as {document}")
        return True
    end = asyncio.get_running_loop().time() + seconds
    shown: dict[UUID, str] = {}
    while waiting:
        async with database.transaction() as connection:
            found = {document: await documents.one(connection, document) for document in waiting}
        for document, whole in found.items():
            done, line = _standing(whole.document if whole is not None else None)
            if line != shown.get(document):
                _tell(waiting[document], line)
                shown[document] = line
            if done is not None:
                del waiting[document]
                well = well and done
        if waiting and asyncio.get_running_loop().time() > end:
            _tell("", f"{len(waiting)} are still to be read; does a worker run? `hibachi knowledge list` says how they stand.")
            return False
        await asyncio.sleep(LOOK_EVERY if waiting else 0)
    return well


def _standing(one: Listed | None) -> tuple[bool | None, str]:
    """Whether it is over, and went well, and a line of how it stands."""
    if one is None:
        return False, "deleted meanwhile"
    match one.state:
        case "ready":
            held = f", {one.held_back} held back: look at them with `hibachi knowledge show {one.id}`" if one.held_back else ""
            return True, "; ".join((f"ready, {_many(one.pieces)}{held}", *one.remarks))
        case "failed":
            return False, f"failed: {one.error}"
        case "reading" if one.stage == "embedding":
            return None, f"embedding, {one.done} of {one.total}"
    return None, (one.stage or one.state) + (f": {one.error}" if one.error else "")


def _many(pieces: int) -> str:
    return f"{pieces} piece" if pieces == 1 else f"{pieces} pieces"


def _tell(name: str, line: str) -> None:
    print(f"{name}  {line}" if name else line, file=sys.stderr if line.startswith("failed") else sys.stdout, flush=True)
