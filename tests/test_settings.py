from pathlib import Path

import pytest

from settings import DEVELOPMENT, Settings, SettingsError

PRODUCTION = {
    "ENVIRONMENT": "production",
    "BASE_URL": "https://shop.example",
    "ALLOWED_HOSTS": "shop.example",
    "DATABASE_URL": "postgresql://shop@db.example/shop",
    "SECRET_KEY": "a-secret-key-of-more-than-thirty-two-characters",
    "CONTACT_EMAIL": "help@shop.example",
    "MAIL_FROM": "Shop <shop@shop.example>",
    "SMTP_HOST": "smtp.example",
    "CARDLINK_URL": "https://cardlink.example/api/v1",
    "CARDLINK_TOKEN": "token",
    "CARDLINK_SHOP_ID": "shop",
    "PROVIDER_URL": "https://provider.example/api/v2",
    "PROVIDER_API_KEY": "key",
}


def test_development_needs_no_environment_at_all() -> None:
    settings = Settings.from_environment({})

    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database_url == ""
    assert settings.data_dir == Path(".data").resolve()
    assert settings.sandbox


def test_production_starts_when_everything_is_there() -> None:
    settings = Settings.from_environment(PRODUCTION)

    assert settings.production
    assert not settings.sandbox
    assert settings.smtp_start_tls


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"ENVIRONMENT"}))
def test_production_names_the_variable_that_is_missing(name: str) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}

    with pytest.raises(SettingsError, match=name):
        Settings.from_environment(environment)


@pytest.mark.parametrize("name", sorted(DEVELOPMENT))
def test_production_refuses_a_public_development_secret(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is the public development value"):
        Settings.from_environment({**PRODUCTION, name: DEVELOPMENT[name]})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BASE_URL", "http://shop.example", "BASE_URL must start with https://"),
        ("CARDLINK_URL", "http://127.0.0.1:8100/cardlink/api/v1", "CARDLINK_URL points to a sandbox"),
        ("PROVIDER_URL", "http://localhost:8100/provider/api/v2", "PROVIDER_URL points to a sandbox"),
        ("PROVIDER_URL", "http://0.0.0.0:8100/provider/api/v2", "PROVIDER_URL points to a sandbox"),
        ("PROVIDER_URL", "http://[::ffff:127.0.0.1]/provider/api/v2", "PROVIDER_URL points to a sandbox"),
        ("SMTP_HOST", "127.0.0.1", "SMTP_HOST points to a sandbox"),
        ("SECRET_KEY", "short", "SECRET_KEY is shorter than 32 characters"),
    ],
)
def test_production_refuses_what_is_unsafe(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_environment({**PRODUCTION, name: value})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"ENVIRONMENT": "production", "PORT": "eighty"})

    assert all(name in str(caught.value) for name in ("SECRET_KEY", "DATABASE_URL", "SMTP_HOST", "PORT"))


def test_unknown_environment_is_refused() -> None:
    with pytest.raises(SettingsError, match="ENVIRONMENT is 'prod'"):
        Settings.from_environment({"ENVIRONMENT": "prod"})
