"""What the environment decides: read once, frozen, refused when a production shop would be unsafe."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

ROOT = Path(__file__).parent

# Development works without any set-up: these values are public, and production refuses each of them.
DEVELOPMENT = {
    "SECRET_KEY": "development-only-secret-key-that-production-refuses",
    "CARDLINK_TOKEN": "72|sandbox-token-that-production-refuses",
    "CARDLINK_SHOP_ID": "sandbox-shop",
    "PROVIDER_API_KEY": "sandbox-provider-key",
}


class SettingsError(Exception):
    """The environment lacks something; the message lists every variable at fault, so one restart mends all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One shop's configuration. Build it with `from_environment`; tests may build it by hand."""

    production: bool
    base_url: str
    port: int
    data_dir: Path
    database_url: str  # "" means the embedded server under data_dir
    pool_size: int
    secret_key: str
    allowed_hosts: tuple[str, ...]
    currency: str
    contact_email: str
    mail_from: str
    smtp_host: str
    smtp_port: int
    smtp_username: str
    smtp_password: str
    smtp_start_tls: bool
    cardlink_url: str
    cardlink_token: str
    cardlink_shop_id: str
    provider_url: str
    provider_api_key: str
    markup_percent: int

    @property
    def sandbox(self) -> bool:
        """Whether any gateway points to this machine instead of a real company."""
        return any(_is_local(url) for url in (self.cardlink_url, self.provider_url, f"smtp://{self.smtp_host}"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read and check everything.

        Raises SettingsError naming each missing or unusable variable.
        """
        read = _Reader(environment)
        settings = cls(
            production=read.production,
            base_url=read.text("BASE_URL", f"http://127.0.0.1:{read.number('PORT', 8000)}").rstrip("/"),
            port=read.number("PORT", 8000),
            data_dir=Path(read.text("DATA_DIR", ".data")).resolve(),
            database_url=environment.get("DATABASE_URL", ""),
            pool_size=read.number("DATABASE_POOL", 10),
            secret_key=read.secret("SECRET_KEY"),
            allowed_hosts=tuple(read.text("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")),
            currency=read.text("CURRENCY", "USD"),
            contact_email=read.text("CONTACT_EMAIL", "help@upfront.example"),
            mail_from=read.text("MAIL_FROM", "Upfront <shop@upfront.example>"),
            smtp_host=read.text("SMTP_HOST", "127.0.0.1"),
            smtp_port=read.number("SMTP_PORT", read.number("SANDBOX_SMTP_PORT", 8125)),
            smtp_username=environment.get("SMTP_USERNAME", ""),
            smtp_password=environment.get("SMTP_PASSWORD", ""),
            smtp_start_tls=read.production,
            cardlink_url=read.text("CARDLINK_URL", f"{read.sandbox_url}/cardlink/api/v1"),
            cardlink_token=read.secret("CARDLINK_TOKEN"),
            cardlink_shop_id=read.secret("CARDLINK_SHOP_ID"),
            provider_url=read.text("PROVIDER_URL", f"{read.sandbox_url}/provider/api/v2"),
            provider_api_key=read.secret("PROVIDER_API_KEY"),
            markup_percent=read.number("MARKUP_PERCENT", 30),
        )
        read.faults += _production_faults(settings) if settings.production else []
        if read.faults:
            raise SettingsError("Upfront can't start: " + "; ".join(read.faults) + ".")
        return settings


class _Reader:
    """Collects every fault while reading, so that the operator sees them all at once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []
        name = environment.get("ENVIRONMENT", "development")
        self.production = name == "production"
        if name not in {"development", "production"}:
            self.faults.append(f"ENVIRONMENT is {name!r}, not development or production")

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.number('SANDBOX_PORT', 8100)}"

    def text(self, name: str, development: str) -> str:
        if self.production and name not in self.environment and name in _REQUIRED_IN_PRODUCTION:
            self.faults.append(f"{name} is missing")
        return self.environment.get(name, development)

    def secret(self, name: str) -> str:
        value = self.environment.get(name, "")
        if not self.production:
            return value or DEVELOPMENT[name]
        if not value:
            self.faults.append(f"{name} is missing")
        elif value == DEVELOPMENT[name]:
            self.faults.append(f"{name} is the public development value")
        return value

    def number(self, name: str, development: int) -> int:
        value = self.environment.get(name, str(development))
        if value.isascii() and value.isdigit():
            return int(value)
        self.faults.append(f"{name} is {value!r}, not a whole number")
        return development


_REQUIRED_IN_PRODUCTION = {
    "BASE_URL", "ALLOWED_HOSTS", "CONTACT_EMAIL", "MAIL_FROM", "SMTP_HOST", "CARDLINK_URL", "PROVIDER_URL",
}  # fmt: skip


def _production_faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.database_url:
        faults.append("DATABASE_URL is missing (the embedded database is for development)")
    if not settings.base_url.startswith("https://"):
        faults.append("BASE_URL must start with https://")
    if len(settings.secret_key) < 32:
        faults.append("SECRET_KEY is shorter than 32 characters")
    for name, url in (
        ("CARDLINK_URL", settings.cardlink_url),
        ("PROVIDER_URL", settings.provider_url),
        ("SMTP_HOST", f"smtp://{settings.smtp_host}"),
    ):
        if _is_local(url):
            faults.append(f"{name} points to a sandbox on this machine")
    return faults


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)


@cache
def current() -> Settings:
    """The settings of this process, read from the environment once."""
    return Settings.from_environment(os.environ)
