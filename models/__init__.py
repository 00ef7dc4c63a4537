"""Tables and the constraints that the database itself enforces."""

from models.accounts import Account, Credential, Session, StaffMember, Throttle
from models.catalog import CatalogVersion, Category, Provider, ProviderService, Service, ServiceRevision
from models.checkout import Cart, CartLine
from models.dispatch import Case, Dispatch
from models.notices import MailMessage
from models.orders import Order, OrderEvent
from models.payments import Notification, Payment, PaymentEvent
from models.staff import AccessLog
from models.wallet import LedgerAccount, LedgerEntry, LedgerTransaction, Receipt, ReceiptCounter

# Parents before children, the order in which rows may be inserted.
TABLES = (
    Account, Credential, StaffMember, Session, Throttle,
    Category, Service, ServiceRevision, CatalogVersion, Provider, ProviderService,
    Cart, CartLine, Order, OrderEvent, Dispatch, Case,
    LedgerAccount, LedgerTransaction, LedgerEntry, Payment, PaymentEvent, Notification, Receipt, ReceiptCounter,
    MailMessage, AccessLog,
)  # fmt: skip
