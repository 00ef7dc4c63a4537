"""Tells Piccolo which tables there are and where their migrations live."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from models import TABLES

APP_CONFIG = AppConfig(
    app_name="shop",
    migrations_folder_path=str(Path(__file__).parent / "migrations"),
    table_classes=list(TABLES),
)
