"""Where Piccolo finds the database and the tables."""

from piccolo.conf.apps import AppRegistry

import settings
from models.engine import ShopEngine, embedded_url

_settings = settings.current()

DB = ShopEngine(
    _settings.database_url or embedded_url(_settings.data_dir),
    pool_size=_settings.pool_size,
)
APP_REGISTRY = AppRegistry(apps=["models.piccolo_app"])
