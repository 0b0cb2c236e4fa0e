"""Sites: what an origin, a key and a theme may be; adding, changing, embedding."""

import asyncio

import pytest
import sqlalchemy as sa

from business.sites import rules
from business.sites.queries import all_origins, site_by_key
from business.sites.service import SiteService, embed_snippet
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound

OWN = frozenset({"http://127.0.0.1:8000"})


@pytest.fixture
def sites(database: Database) -> SiteService:
    """The service."""
    return SiteService(database)


class TestOrigin:
    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            ("https://www.example.com", "https://www.example.com"),
            ("HTTPS://WWW.Example.COM/", "https://www.example.com"),
            ("https://example.com:443", "https://example.com"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://jalapeño.example", "https://xn--jalapeo-9za.example"),
            (" https://example.com ", "https://example.com"),
        ],
    )
    def test_is_kept_as_a_browser_sends_it(self, given: str, stored: str) -> None:
        assert rules.origin(given) == stored

    @pytest.mark.parametrize(
        "given",
        [
            "",
            "null",
            "*",
            "https://*.example.com",
            "example.com",
            "//example.com",
            "ftp://example.com",
            "javascript://example.com",
            "https://example.com/shop",
            "https://example.com?a",
            "https://example.com#a",
            "https://user@example.com",
            "https://",
            "https://exa mple.com",
            "https://example.com:99999",
            "https://example.com:0",
            "https://-example.com",
            "https://example..com",
            "https://[::1",
            "https://exam\nple.com",
            "https://example.com\\@evil.example",
        ],
    )
    def test_nonsense_is_refused(self, given: str) -> None:
        with pytest.raises(BadRequest):
            rules.origin(given)


class TestOwnOrigins:
    @pytest.mark.parametrize(
        ("public", "host", "expected"),
        [
            (None, "127.0.0.1", {"http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"}),
            ("https://Chat.example.com:443", "192.0.2.1", {"https://chat.example.com"}),
            (None, "192.0.2.1", set()),
        ],
    )
    def test_follow_the_bind_and_the_public_address(self, public: str | None, host: str, expected: set[str]) -> None:
        assert rules.own_origins(public, host, 8000) == expected


class TestTheme:
    @pytest.mark.parametrize("colour", ["#c2410c", "#FFF", "#c2410c80", "rgb(194 65 12)", "rgb(194, 65, 12)", "hsl(17deg 88% 40% / 50%)"])
    def test_colours(self, colour: str) -> None:
        assert rules.theme({"--ember": colour}) == {"--ember": colour}

    @pytest.mark.parametrize(
        ("name", "colour"),
        [
            ("--ember", "red; } body { display: none"),
            ("--ember", "url(https://evil.example)"),
            ("--ember", "var(--ink)"),
            ("--ember", "#c2410"),
            ("--ember", "rgb(" + " " * 50_000),
            ("--ember", ""),
            ("--font", "#c2410c"),
            ("ember", "#c2410c"),
        ],
        ids=lambda value: value[:20],
    )
    def test_everything_else_is_refused(self, name: str, colour: str) -> None:
        with pytest.raises(BadRequest):
            rules.theme({name: colour})


class TestGreeting:
    def test_is_one_line_for_each_language(self) -> None:
        assert rules.greeting({"en": "  Hungry?\n Ask us ", "es": " "}) == {"en": "Hungry? Ask us"}

    @pytest.mark.parametrize("wrong", [{"fr": "Bonjour"}, {"en": "x" * 121}, {"en": "a\x00b"}, {"en": "a\u202eb"}, {"": "x"}], ids=str)
    def test_everything_else_is_refused(self, wrong: dict[str, str]) -> None:
        with pytest.raises(BadRequest):
            rules.greeting(wrong)


class TestService:
    async def test_a_site_admits_its_origins_alone(self, sites: SiteService, database: Database) -> None:
        await sites.add("shop", "Shop", ["https://shop.example/", "https://shop.example"], {"--ember": "#c2410c"})
        async with database.transaction() as connection:
            site = await site_by_key(connection, "shop")
            assert await site_by_key(connection, "nothing") is None
        assert site is not None
        assert site.origins == ("https://shop.example",)
        assert dict(site.theme) == {"--ember": "#c2410c"}
        assert site.admits("https://shop.example", OWN)
        for origin in (None, "http://shop.example", "https://evil.example", *OWN):
            assert not site.admits(origin, OWN)

    async def test_all_origins(self, sites: SiteService, database: Database) -> None:
        await sites.add("one", "One", ["https://a.example", "https://b.example"])
        await sites.add("two", "Two", ["https://b.example"])
        await sites.add("three", "Three", [], allow_own_origin=True)
        async with database.transaction() as connection:
            assert await all_origins(connection) == {"https://a.example", "https://b.example"}

    async def test_each_has_a_secret_of_its_own(self, sites: SiteService) -> None:
        one, two = [await sites.add(key, key, ["https://a.example"]) for key in ("one", "two")]
        assert one.identity_secret != two.identity_secret
        assert len(one.identity_secret) >= 43

    async def test_a_key_is_taken_once(self, sites: SiteService) -> None:
        adding = [sites.add("shop", "Shop", ["https://a.example"]) for _ in range(5)]
        ends = await asyncio.gather(*adding, return_exceptions=True)
        assert [type(end) for end in ends].count(Conflict) == 4

    @pytest.mark.parametrize("key", ["", "Shop", "a b", "-a", "a" * 41, "ä", "a/b"])
    async def test_keys_that_are_refused(self, sites: SiteService, key: str) -> None:
        with pytest.raises(BadRequest):
            await sites.add(key, "Shop", ["https://a.example"])

    async def test_a_site_that_nobody_could_open_is_refused(self, sites: SiteService) -> None:
        with pytest.raises(BadRequest, match="at least one origin"):
            await sites.add("shop", "Shop", [])

    async def test_changing_leaves_the_rest_and_a_trail(self, sites: SiteService, database: Database) -> None:
        before = await sites.add("shop", "Shop", ["https://a.example"], {"--ember": "#c2410c"})
        after = await sites.update("shop", origins=["https://b.example"], new_secret=True)
        assert (after.origins, after.name, after.theme) == (("https://b.example",), "Shop", before.theme)
        assert after.identity_secret != before.identity_secret
        async with database.transaction() as connection:
            trail = (await connection.execute(sa.text("SELECT action, details FROM core.audit ORDER BY at"))).all()
        assert [row.action for row in trail] == ["site.added", "site.changed"]
        assert before.identity_secret not in str(trail) and after.identity_secret not in str(trail)

    async def test_what_it_asks_for_and_how_it_looks_change_apart(self, sites: SiteService) -> None:
        usual = await sites.add("shop", "Shop", ["https://a.example"], {"--ember": "#c2410c"})
        assert usual.ask == ("name", "email", "phone")
        asks = await sites.update("shop", ask=["event_date", "phone", "phone"])
        assert (asks.ask, asks.theme) == (("event_date", "phone"), usual.theme)
        looks = await sites.update("shop", theme={"--person": "#0f766e"})
        assert (looks.ask, dict(looks.theme)) == (asks.ask, {"--person": "#0f766e"})
        assert (await sites.update("shop", ask=[])).ask == ()
        with pytest.raises(BadRequest, match="There are: name"):
            await sites.update("shop", ask=["password"])

    async def test_its_first_words_change_apart(self, sites: SiteService) -> None:
        usual = await sites.add("shop", "Shop", ["https://a.example"], {"--ember": "#c2410c"}, ask=["phone"])
        assert dict(usual.greeting) == {}
        greets = await sites.update("shop", greeting={"en": "Hungry?", "es": "¿Hay hambre?"})
        assert (dict(greets.greeting), greets.theme, greets.ask) == ({"en": "Hungry?", "es": "¿Hay hambre?"}, usual.theme, usual.ask)
        looks = await sites.update("shop", theme={}, ask=[])
        assert (looks.greeting, dict(looks.theme), looks.ask) == (greets.greeting, {}, ())
        assert dict((await sites.update("shop", greeting={"en": " ", "es": "Hola"})).greeting) == {"es": "Hola"}
        assert dict((await sites.update("shop", greeting={})).greeting) == {}
        with pytest.raises(BadRequest):
            await sites.update("shop", greeting={"fr": "Bonjour"})
        assert dict((await sites.add("new", "New", ["https://b.example"], greeting={"en": "Hi"})).greeting) == {"en": "Hi"}

    async def test_changing_nothing_that_is(self, sites: SiteService) -> None:
        with pytest.raises(NotFound):
            await sites.update("shop", name="Shop")

    async def test_snippet(self, sites: SiteService) -> None:
        site = await sites.add("shop", "Shop", ["https://a.example"])
        assert embed_snippet(site, "https://chat.example.com/") == (
            '<script async src="https://chat.example.com/widget.js" data-site="shop"></script>'
        )
