"""What the sandbox needs to know before it starts, with development defaults for all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# These three open nothing but this sandbox. The shop's development settings carry the same values.
DEVELOPMENT_PROVIDER_KEY = "sandbox-provider-key"
DEVELOPMENT_CARDLINK_TOKEN = "72|sandbox-token-that-production-refuses"  # noqa: S105
DEVELOPMENT_CARDLINK_SHOP = "sandbox-shop"


@dataclass(frozen=True)
class Settings:
    port: int = 8100  # 0 lets the system choose one
    smtp_port: int = 8125
    database: str = ":memory:"
    shop_url: str = "http://127.0.0.1:8000"
    provider_key: str = DEVELOPMENT_PROVIDER_KEY
    cardlink_token: str = DEVELOPMENT_CARDLINK_TOKEN
    cardlink_shop: str = DEVELOPMENT_CARDLINK_SHOP
    speed: float = 1.0  # how much faster than 15 to 25 seconds an order is carried out
    services_per_category: int = 30  # of 40 categories; 250 make a catalogue of 10,000
    refill_wait: float = 30.0  # seconds that stand for the protocol's 24 hours between two refills
    retry_scale: float = 1.0  # multiplies the processor's 10, 100, 1000 … seconds between postbacks
    hang: float = 120.0  # seconds that a time-out fault keeps the caller waiting
    pay_host: str = ""  # host of the hosted page where it shall differ from the API's, for a cross-site return
    postbacks_in_background: bool = True

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        folder = Path(environment.get("DATA_DIR", ".data"))
        return cls(
            port=int(environment.get("SANDBOX_PORT", "8100")),
            smtp_port=int(environment.get("SANDBOX_SMTP_PORT", "8125")),
            database=str(folder / "sandbox.sqlite"),
            shop_url=_shop_url(environment).rstrip("/"),
            provider_key=environment.get("PROVIDER_API_KEY", DEVELOPMENT_PROVIDER_KEY),
            cardlink_token=environment.get("CARDLINK_TOKEN", DEVELOPMENT_CARDLINK_TOKEN),
            cardlink_shop=environment.get("CARDLINK_SHOP_ID", DEVELOPMENT_CARDLINK_SHOP),
            speed=float(environment.get("SANDBOX_SPEED", "1")),
            services_per_category=int(environment.get("SANDBOX_SERVICES_PER_CATEGORY", "30")),
            retry_scale=float(environment.get("SANDBOX_RETRY_SCALE", "1")),
            pay_host=environment.get("SANDBOX_PAY_HOST", ""),
        )

    @property
    def cardlink_notifications(self) -> str:
        """The Result, Refund and Chargeback URL that a merchant would type into the processor's cabinet."""
        return f"{self.shop_url}/payments/cardlink/notifications"


def _shop_url(environment: Mapping[str, str]) -> str:
    """The shop beside this sandbox; its own variables are enough to find it."""
    beside = f"http://127.0.0.1:{environment.get('PORT', '8000')}"
    return environment.get("SHOP_URL") or environment.get("BASE_URL") or beside
