"""Accounts of customers and staff, their sessions and how often somebody tried to sign in."""

from enum import StrEnum

from piccolo.columns import BigSerial, Boolean, Bytea, Integer, Timestamptz, Varchar
from piccolo.table import Table

from models.columns import optional_time, reference


class AccountState(StrEnum):
    ACTIVE = "active"
    HELD = "held"
    BLOCKED = "blocked"
    CLOSED = "closed"


class Account(Table, tablename="accounts"):
    id = BigSerial(primary_key=True)
    username = Varchar(length=40)
    username_key = Varchar(length=40, unique=True)  # case-folded, what sign-in looks up
    email = Varchar(length=254)
    email_key = Varchar(length=254)  # case-folded; unique among confirmed addresses alone (a partial index)
    email_confirmed_at = optional_time()
    state = Varchar(length=20, choices=AccountState, default=AccountState.ACTIVE)
    locale = Varchar(length=10, default="en")
    adult_confirmed_at = Timestamptz()  # 18 or over, stored as a time, never a birth date
    terms_version = Integer()
    policy_version = Integer()
    marketing_since = optional_time()
    created_at = Timestamptz()
    last_signed_in_at = optional_time()


class CredentialKind(StrEnum):
    PASSWORD = "password"  # noqa: S105 - the name of a kind


class Credential(Table, tablename="credentials"):
    """One way in. A password's secret is an argon2id hash."""

    id = BigSerial(primary_key=True)
    account = reference(Account)
    kind = Varchar(length=20, choices=CredentialKind)
    secret = Varchar(length=255, secret=True)
    changed_at = Timestamptz()


class Session(Table, tablename="sessions"):
    """A browser that came back with our cookie: a visitor with a cart, or a signed-in account."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(unique=True)  # sha256 of the cookie; the token itself is nowhere
    account = reference(Account, null=True)
    theme = Varchar(length=5, default="auto")
    created_at = Timestamptz()
    expires_at = Timestamptz(index=True)


class Throttle(Table, tablename="throttles"):
    """How often something was tried lately, by a key that names the deed and the account or address."""

    key = Varchar(length=100, primary_key=True)
    attempts = Integer(default=0)
    blocked_until = optional_time()
    last_attempt_at = Timestamptz(index=True)


class StaffRole(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    SUPPORT = "support"


class StaffMember(Table, tablename="staff_members"):
    id = BigSerial(primary_key=True)
    account = reference(Account, unique=True)
    role = Varchar(length=20, choices=StaffRole)
    active = Boolean(default=True)
    created_at = Timestamptz()
