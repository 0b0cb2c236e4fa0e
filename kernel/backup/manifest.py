"""What a backup says of itself."""

from pydantic import AwareDatetime, BaseModel, ConfigDict

FORMAT = 1


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableSum(Part):
    """One table: its rows as COPY writes them, in the order of the primary key. `name` has the schema before the dot."""

    name: str
    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str

    @property
    def member(self) -> str:
        """Its name in the archive."""
        return f"tables/{self.name}.copy"


class Counter(Part):
    """Where an identity column goes on."""

    table: str
    column: str
    value: int
    called: bool


class Ledger(Part):
    """The money: the sum of each account in cents. All of them together are 0."""

    postings: int
    accounts: dict[str, int]


class Files(Part):
    """The uploads; each stands under the SHA-256 of its content. `missing`: rows whose content was not there any more."""

    count: int
    bytes: int
    missing: tuple[str, ...] = ()


class Manifest(Part):
    """Everything that is needed to put it back, and to prove that nothing was lost on the way."""

    format: int
    version: str  # of the code
    revision: str  # of the migrations
    postgres: str
    made_at: AwareDatetime
    tables: tuple[TableSum, ...]
    counters: tuple[Counter, ...]
    ledger: Ledger | None  # none in a database from before the ledger
    uploads: Files

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)
