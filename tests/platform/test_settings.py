"""Settings: what is read, what wins, and what is said of everything that is wrong."""

from pathlib import Path

import pytest

from gateway.cli.configuration import document
from gateway.supervisor import config_file
from kernel.settings import HOUSE, Settings, SettingsError, environment_names, load_settings

MODEL = '[[models]]\nname = "teacher"\nlitellm = "openai/gpt-4o"\n'
SECRET = "s3cret-value"


def load(folder: Path, toml: str = "", **env: str) -> Settings:
    (folder / "hibachi.toml").write_text(toml)
    return load_settings({"HIBACHI_DATA": str(folder), **env})


def fault(folder: Path, toml: str = "", **env: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load(folder, toml, **env)
    return caught.value


class TestReading:
    def test_everything_has_a_default(self, tmp_path: Path) -> None:
        settings = load_settings({"HIBACHI_DATA": str(tmp_path / "not" / "there")})
        assert (settings.host, settings.port, settings.port_is_explicit) == ("127.0.0.1", 8000, False)
        assert settings.config_path == tmp_path / "not" / "there" / "hibachi.toml"
        assert settings.answer_order == (HOUSE,)
        assert not (tmp_path / "not").exists()

    def test_the_environment_wins_over_the_file(self, tmp_path: Path) -> None:
        settings = load(tmp_path, "port = 9000\n[limits]\nframe_burst = 5\nmessage_burst = 3\n", HIBACHI_LIMITS__FRAME_BURST="7")
        assert (settings.port, settings.port_is_explicit) == (9000, True)
        assert (settings.limits.frame_burst, settings.limits.message_burst) == (7, 3)

    def test_an_empty_variable_is_an_unset_one(self, tmp_path: Path) -> None:
        assert load(tmp_path, HIBACHI_PORT="", HIBACHI_PUBLIC_URL="").port == 8000

    def test_the_config_file_may_lie_elsewhere(self, tmp_path: Path) -> None:
        other = tmp_path / "other.toml"
        other.write_text("port = 9001\n")
        assert load(tmp_path, "port = 9000", HIBACHI_CONFIG=str(other)).port == 9001

    def test_the_usual_names_of_database_and_redis(self, tmp_path: Path) -> None:
        settings = load(tmp_path, DATABASE_URL="postgresql://a@h/d", REDIS_URL="redis://h", HIBACHI_REDIS__URL="redis://i")
        assert settings.database.url and settings.database.url.get_secret_value() == "postgresql://a@h/d"
        assert settings.redis.url and settings.redis.url.get_secret_value() == "redis://i"

    def test_models_from_the_file(self, tmp_path: Path) -> None:
        settings = load(tmp_path, MODEL + '[ensemble]\nanswer = ["teacher", "house"]\n')
        assert settings.models[0].litellm == "openai/gpt-4o"
        assert settings.answer_order == ("teacher", HOUSE)

    def test_models_from_the_environment(self, tmp_path: Path) -> None:
        models = '[{"name": "a", "litellm": "x"}, {"name": "b", "litellm": "y", "first_token_s": 2}]'
        settings = load(tmp_path, MODEL, HIBACHI_MODELS=models, HIBACHI_ENSEMBLE__ANSWER='["b"]')
        assert [model.name for model in settings.models] == ["a", "b"]
        assert settings.answer_order == ("b", HOUSE)

    def test_all_models_answer_where_no_order_is_given(self, tmp_path: Path) -> None:
        assert load(tmp_path, MODEL).answer_order == ("teacher", HOUSE)

    def test_a_profile_is_seen_from_the_file_that_names_it(self, tmp_path: Path) -> None:
        (tmp_path / "mine.toml").write_text("")
        assert load(tmp_path, '[business]\nprofile = "mine.toml"\n').business.profile == tmp_path / "mine.toml"

    def test_somebody_elses_variable_is_let_be(self, tmp_path: Path) -> None:
        assert load(tmp_path, HIBACHI_BENCH_SECONDS="3").port == 8000

    def test_values_are_frozen(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="frozen"):
            load(tmp_path).port = 1  # type: ignore[misc]


# what is wrong: file, environment -> dotted name, part of "why", part of "allowed"
WRONG: list[tuple[str, dict[str, str], str, str, str]] = [
    ("", {"HIBACHI_PORT": "80a"}, "port", "integer", "1 to 65535"),
    ("", {"HIBACHI_PORT": "0"}, "port", "greater", "1 to 65535"),
    ("port = 70000", {}, "port", "less", "1 to 65535"),
    ("", {"HIBACHI_PUBLIC_URL": "chat.example.com"}, "public_url", "not an http", "https://chat.example.com"),
    ("", {"HIBACHI_PUBLIC_URL": "https://chat.example.com/x"}, "public_url", "more than scheme", "https://"),
    ("", {"HIBACHI_ADMIN_EMAIL": "nobody"}, "admin_email", "right form", "e-mail"),
    ("", {"DATABASE_URL": f"mysql://u:{SECRET}@h"}, "database.url", "does not begin", "postgresql://"),
    ("", {"HIBACHI_DATABASE__READING": SECRET}, "database.reading", "does not begin", "postgresql://"),
    ("", {"REDIS_URL": f"http://u:{SECRET}@h"}, "redis.url", "does not begin", "redis://"),
    ("", {"HIBACHI_DATABASE__POOL_SIZE": "0"}, "database.pool_size", "greater", "1 to 200"),
    ("", {"HIBACHI_LOG__LEVEL": "loud"}, "log.level", "must be", "debug, info"),
    ("", {"HIBACHI_LOG__FORMAT": "xml"}, "log.format", "must be", "json or console"),
    ("", {"HIBACHI_MODELS": "[{"}, "models", "not JSON", "JSON list"),
    ("", {"HIBACHI_ENSEMBLE__ANSWER": "teacher"}, "ensemble.answer", "not JSON", "names"),
    ("", {"HIBACHI_LIMITS__TRUSTED_PROXIES": '["x"]'}, "limits.trusted_proxies.0", "neither", "10.0.0.0/8"),
    ("", {"HIBACHI_LIMITS__MESSAGE_PER_SECOND": "0"}, "limits.message_per_second", "greater", "more than 0"),
    ("", {"HIBACHI_BUSINESS__PROFILE": "no.toml"}, "business.profile", "no such file", ".toml"),
    ("", {"HIBACHI_POTR": "1"}, "HIBACHI_POTR", "no such setting", "HIBACHI_PORT"),
    ("", {"HIBACHI_LOG__LEVL": "info"}, "HIBACHI_LOG__LEVL", "no such setting", "HIBACHI_LOG__LEVEL"),
    ("", {"HIBACHI_NO__WAY": "1"}, "HIBACHI_NO__WAY", "no such setting", "configuration.md"),
    ("", {"HIBACHI_TRAVEL__PROVIDER": "maps"}, "travel.provider", "must be", "none, google or osrm"),
    ("", {"HIBACHI_TRAVEL__PROVIDER": "google"}, "travel.key_env", "without a key", "NAME"),
    ("", {"HIBACHI_TRAVEL__PROVIDER": "osrm"}, "travel.address", "no address", "http"),
    ("", {"HIBACHI_TRAVEL__KEY_ENV": SECRET}, "travel.key_env", "right form", "NAME"),
    ("[travel]\ntimeout_s = 0", {}, "travel.timeout_s", "greater", "at most 30"),
    ("prot = 1", {}, "prot", "no such setting", '"port"'),
    ("[log]\nlevl = 1", {}, "log.levl", "no such setting", '"level"'),
    ("[wat]\nx = 1", {}, "wat", "no such setting", "database"),
    ('data = "x"', {}, "data", "in the file", "HIBACHI_DATA"),
    ('config_path = "x"', {}, "config_path", "in the file", "HIBACHI_DATA"),
    ("log = 3", {}, "log", "must be", "[log]"),
    ("log = 3", {"HIBACHI_LOG__LEVEL": "info"}, "log", "must be", "[log]"),
    ("models = 3", {}, "models", "must be", "[[models]]"),
    ("[[models]]\nname = 'a'", {}, "models.0.litellm", "missing", "LiteLLM"),
    (MODEL.replace("teacher", "The Teacher"), {}, "models.0.name", "right form", "lower-case"),
    (MODEL.replace("teacher", "house"), {}, "models.name", "house model", "taken"),
    (MODEL + MODEL, {}, "models.name", "two models", "unique"),
    (MODEL + f'api_key_env = "{SECRET}"', {}, "models.0.api_key_env", "right form", "NAME"),
    (MODEL + 'api_base = "here"', {}, "models.0.api_base", "not an http", "http"),
    (MODEL + "first_token_s = 0", {}, "models.0.first_token_s", "greater", "seconds"),
    (MODEL + "temperature = 1", {}, "models.0.temperature", "no such setting", "litellm"),
    (MODEL + '[ensemble]\nanswer = ["pupil"]', {}, "ensemble.answer", 'no model is called "pupil"', "[[models]]"),
    (MODEL + '[ensemble]\nanswer = ["house", "teacher"]', {}, "ensemble.answer", "always last", "[[models]]"),
    (MODEL + '[ensemble]\nanswer = ["teacher", "teacher"]', {}, "ensemble.answer", "twice", "[[models]]"),
    (MODEL + '[ensemble]\nstrategy = "hedge"', {}, "ensemble.strategy", "two models", "fallback, hedge"),
    (MODEL + '[ensemble]\nanswer = ["house"]\nstrategy = "consensus"', {}, "ensemble.strategy", "needs a teacher", "consensus"),
    (MODEL + '[ensemble]\nstrategy = "consensus"', {}, "ensemble.student", "needs a student", "[[models]]"),
    (MODEL + '[ensemble]\nstrategy = "consensus"\nstudent = "teacher"', {}, "ensemble.student", "is the teacher", "[[models]]"),
    (MODEL + '[ensemble.stakes.low]\nstrategy = "hedge"', {}, "ensemble.stakes.low.strategy", "two models", "hedge"),
    (MODEL + '[ensemble.agents.menu]\nstrategy = "consensus"', {}, "ensemble.agents.menu.student", "needs a student", "[[models]]"),
    (MODEL + '[ensemble.agents.menu]\nstudent = "pupil"', {}, "ensemble.agents.menu.student", 'called "pupil"', "[[models]]"),
]


class TestWrongValues:
    @pytest.mark.parametrize(("toml", "env", "name", "why", "allowed"), WRONG, ids=lambda value: str(value)[:40])
    def test_says_which_why_and_what_is_allowed(
        self, tmp_path: Path, toml: str, env: dict[str, str], name: str, why: str, allowed: str
    ) -> None:
        error = fault(tmp_path, toml, **env)
        (problem,) = error.problems
        assert problem.name == name
        assert why in problem.why
        assert allowed in problem.allowed
        assert problem.name in str(error) and problem.why in str(error) and problem.allowed in str(error)
        assert SECRET not in str(error)

    def test_names_the_variable_that_would_set_it(self, tmp_path: Path) -> None:
        (problem,) = fault(tmp_path, "[log]\nlevel = 'x'").problems
        assert problem.variable == "HIBACHI_LOG__LEVEL"

    def test_all_faults_come_at_once(self, tmp_path: Path) -> None:
        error = fault(tmp_path, "port = 0\nwat = 1\n[log]\nlevel = 'x'", HIBACHI_MODELS="[", HIBACHI_HOTS="h")
        assert {problem.name for problem in error.problems} == {"port", "wat", "log.level", "models", "HIBACHI_HOTS"}

    def test_a_file_that_is_not_toml_names_the_line_not_its_text(self, tmp_path: Path) -> None:
        error = fault(tmp_path, f"port = 1\nadmin_password = {SECRET}")
        assert "line 2" in str(error)
        assert SECRET not in str(error)


class TestSecrets:
    def test_are_never_printed(self, tmp_path: Path) -> None:
        settings = load(
            tmp_path, DATABASE_URL=f"postgresql://u:{SECRET}@h/d", REDIS_URL=f"redis://:{SECRET}@h",
            HIBACHI_ADMIN_PASSWORD=SECRET, HIBACHI_DATABASE__MARKETING=f"postgres://u:{SECRET}@h/d",
        )  # fmt: skip
        for text in (repr(settings), str(settings), settings.model_dump_json()):
            assert SECRET not in text


class TestConfigFile:
    def test_is_written_once_and_never_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "hibachi.toml"
        assert config_file.write_if_missing(path)
        path.write_text("port = 9000\n")
        assert not config_file.write_if_missing(path)
        assert path.read_text() == "port = 9000\n"

    def test_changes_nothing_as_written(self, tmp_path: Path) -> None:
        assert load(tmp_path, config_file.TEMPLATE) == load(tmp_path)

    def test_its_examples_hold_when_uncommented(self, tmp_path: Path) -> None:
        lines = [line.removeprefix("# ") for line in config_file.TEMPLATE.splitlines()]
        start = next(number for number, line in enumerate(lines) if line.startswith("host ="))
        # An explanation is a sentence; an example is a table or an assignment.
        examples = [line for line in lines[start:] if line.startswith("[") or " = " in line.split("#")[0]]
        (tmp_path / "my-business.toml").write_text("")
        settings = load(tmp_path, "\n".join(examples).replace('"postgresql://..."', '"postgresql://h"'))
        assert settings.answer_order == ("teacher", "second", HOUSE)
        assert settings.limits.trusted_proxies == ("10.0.0.0/8",)


class TestDocumentation:
    def test_is_what_the_settings_say(self) -> None:
        text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
        assert text == document(), "write it anew: hibachi schema"

    def test_names_every_setting(self) -> None:
        assert [name for name in environment_names() if f"`{name}`" not in document()] == []
