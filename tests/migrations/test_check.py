"""`hibachi db check` sees what it is for: each fault is made on a real database or in a folder of revisions."""

import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from migrations import history, runner
from migrations.check import Finding, check
from tests.conftest import execute

REVISION = '"""x."""\n\nrevision = "{id}"\ndown_revision = {down}\n\n\ndef upgrade() -> None:\n    {body}\n\n\n'
REVISION += 'def downgrade() -> None:\n    """Nothing."""\n'


def kinds(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in findings]


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """The folder of revisions, to add to."""
    return shutil.copytree(history.VERSIONS, tmp_path / "versions", ignore=shutil.ignore_patterns("__pycache__"))


class TestDatabase:
    async def test_fresh_is_clean(self, database_url: str) -> None:
        assert await check(database_url) == ()

    @pytest.mark.parametrize(
        ("statement", "expected"),
        [
            ("ALTER TABLE core.staff DROP COLUMN name", ("missing", "core.staff.name")),
            ("ALTER TABLE core.staff ADD COLUMN pet text", ("extra", "core.staff.pet")),
            ("ALTER TABLE core.staff ALTER COLUMN name DROP NOT NULL", ("differs", "core.staff.name")),
            ("ALTER TABLE core.staff ALTER COLUMN name TYPE varchar(50)", ("differs", "core.staff.name")),
            ("ALTER TABLE ops.outbox ALTER COLUMN attempts SET DEFAULT 1", ("differs", "ops.outbox.attempts")),
            ("ALTER TABLE core.staff DROP CONSTRAINT ck_staff_role", ("missing", "core.staff.ck_staff_role")),
            ("DROP INDEX ops.uq_handoff_unsettled", ("missing", "ops.handoff.uq_handoff_unsettled")),
            ("DROP TABLE ops.notification", ("missing", "ops.notification")),
            ("CREATE TABLE ops.theirs (id int PRIMARY KEY)", ("extra", "ops.theirs")),
            ("DROP SCHEMA ops CASCADE", ("missing", "ops.outbox")),
        ],
    )
    async def test_difference(self, database_url: str, statement: str, expected: tuple[str, str]) -> None:
        await execute(database_url, statement)
        assert expected in kinds(await check(database_url))

    async def test_a_looser_check_constraint(self, database_url: str) -> None:
        await execute(
            database_url,
            "ALTER TABLE core.staff DROP CONSTRAINT ck_staff_role",
            "ALTER TABLE core.staff ADD CONSTRAINT ck_staff_role CHECK (role IN ('owner', 'admin', 'agent', 'guest'))",
        )
        assert kinds(await check(database_url)) == [("differs", "core.staff.ck_staff_role")]

    async def test_another_predicate_of_a_partial_index(self, database_url: str) -> None:
        await execute(
            database_url,
            "DROP INDEX ai.uq_turn_running",
            "CREATE UNIQUE INDEX uq_turn_running ON ai.turn (conversation_id) WHERE state = 'queued'",
        )
        assert kinds(await check(database_url)) == [("differs", "ai.turn.uq_turn_running")]

    async def test_never_migrated(self, empty_database_url: str) -> None:
        assert kinds(await check(empty_database_url)) == [("missing", "vector"), ("behind", "None")]
        await execute(empty_database_url, "CREATE EXTENSION vector")
        assert ("missing", "core.staff") in kinds(await check(empty_database_url))

    async def test_a_budget_that_did_not_spend_what_its_calls_cost(self, database_url: str) -> None:
        """What was spent before there were budgets is in them; what somebody changes by hand is seen."""
        await runner.downgrade(database_url, "0017")
        call = (
            "INSERT INTO ai.usage (id, conversation_id, model, provider, role, tokens_in, tokens_out, cost_microdollars, duration_ms,"
            " outcome, started_at) VALUES (gen_random_uuid(), '{}', 'm', 'p', 'answer', 1, 1, {}, 1, 'complete', now())"
        )
        await execute(database_url, *(call.format(UUID(int=n % 2), n) for n in range(5)))
        await runner.upgrade(database_url)
        assert await check(database_url) == ()
        await execute(database_url, "UPDATE ai.spend SET spent_microdollars = 11 WHERE scope = 'all'")
        (found,) = await check(database_url)
        assert (found.kind, found.subject) == ("spend", "all")
        assert "spent 11 and holds 0 micro-dollars, its calls cost 10 and hold 0" in found.text

    async def test_it_leaves_nothing(self, database_url: str) -> None:
        await check(database_url)
        assert await check(database_url) == ()  # shadows of the first run would be in the way

    async def test_other_peoples_tables_in_public_are_their_own(self, database_url: str) -> None:
        await execute(database_url, "CREATE TABLE public.theirs (id int)")
        assert await check(database_url) == ()


class TestSoftKeys:
    async def test_dangling(self, database_url: str) -> None:
        await execute(
            database_url,
            "INSERT INTO ops.notification (id, key, kind, conversation_id)"
            f" VALUES ('{uuid4()}', 'a', 'handoff', '{uuid4()}'), ('{uuid4()}', 'b', 'handoff', NULL)",
        )
        (finding,) = await check(database_url)
        assert (finding.kind, finding.subject) == ("dangling", "ops.notification.conversation_id")
        assert finding.text.startswith("1 rows ")

    async def test_behind_a_missing_table_the_rest_is_still_checked(self, database_url: str) -> None:
        await execute(database_url, "DROP TABLE core.staff CASCADE")
        assert ("missing", "core.staff") in kinds(await check(database_url))


class TestRevisions:
    async def test_two_heads(self, database_url: str, versions: Path) -> None:
        (versions / "9999_other.py").write_text(REVISION.format(id="9999", down='"0001"', body="print()"))
        found = kinds(await check(database_url, versions))
        assert found == [("heads", f"{history.head()}, 9999")]

    async def test_empty_revision(self, database_url: str, versions: Path) -> None:
        down = f'"{history.head()}"'
        (versions / "9999_idle.py").write_text(REVISION.format(id="9999", down=down, body="pass"))
        found = kinds(await check(database_url, versions))
        assert found == [("empty_revision", "9999"), ("behind", history.head())]

    async def test_merging_two_heads_is_not_empty(self, database_url: str, versions: Path) -> None:
        (versions / "9998_other.py").write_text(REVISION.format(id="9998", down='"0001"', body="print()"))
        merged = f'("{history.head()}", "9998")'
        (versions / "9999_merge.py").write_text(REVISION.format(id="9999", down=merged, body="pass"))
        assert kinds(await check(database_url, versions)) == [("behind", history.head())]

    async def test_no_revision_at_all(self, database_url: str, tmp_path: Path) -> None:
        assert kinds(await check(database_url, tmp_path))[0] == ("heads", "none")
