"""The catalogue's pages: the list with its search, and each service with its price and order form."""

from routes.catalog.listing import list_services
from routes.catalog.service import create_link_check, price_lines, service_page, show_price, show_service
from routes.catalog.shelf import Shelf

handlers = [list_services, show_service, show_price, price_lines, create_link_check]

__all__ = ["Shelf", "handlers", "service_page"]
