from pathlib import Path

import pytest
from pydantic import ValidationError

from core.settings import Settings


def test_nothing_set_means_the_embedded_product(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)

    assert settings.database_dsn.startswith(f"sqlite://{tmp_path}/")
    assert settings.milvus_address == str(tmp_path / "vectors.db")
    assert (settings.redis_url, settings.llm_url, settings.embeddings_url) == ("", "", "")
    assert settings.port == 8080
    assert settings.models_folder == tmp_path / "models"


def test_the_environment_is_read_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("ADMIN_BOT_TOKEN", "1:secret")

    settings = Settings(_env_file=None)

    assert settings.port == 9000
    assert settings.admin_bot_token is not None
    assert settings.admin_bot_token.get_secret_value() == "1:secret"


def test_an_env_file_is_read_and_foreign_names_in_it_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9001\nSOMETHING_ELSE=1\n")

    assert Settings(_env_file=tmp_path / ".env").port == 9001


def test_secrets_never_show_in_what_is_printed_or_logged() -> None:
    settings = Settings(_env_file=None, admin_bot_token="1:hidden", owner_password="hidden", llm_api_key="hidden")

    assert "hidden" not in repr(settings)


@pytest.mark.parametrize("prefix", ["postgres://", "postgresql://"])
def test_both_spellings_of_a_postgresql_address_are_understood(prefix: str) -> None:
    settings = Settings(_env_file=None, database_url=f"{prefix}user:word@host:5432/name")

    assert settings.database_dsn == "asyncpg://user:word@host:5432/name"


def test_a_slash_at_the_end_of_an_address_does_not_double() -> None:
    settings = Settings(_env_file=None, telegram_api_url="http://127.0.0.1:9/", public_url="https://shop.example/")

    assert settings.telegram_api_url == "http://127.0.0.1:9"
    assert settings.address == "https://shop.example"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_server_on_all_addresses_is_shown_as_one_that_a_browser_can_open(host: str) -> None:
    assert Settings(_env_file=None, host=host, port=8081).address == "http://127.0.0.1:8081"


@pytest.mark.parametrize("wrong", [{"port": 70_000}, {"worker_jobs": 0}, {"max_upload_mb": 0}])
def test_impossible_values_are_refused_at_the_start(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **wrong)
