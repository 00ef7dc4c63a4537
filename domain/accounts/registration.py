"""Signing up: what is asked, what is kept, and a new account with its visitor signed in."""

from dataclasses import dataclass, field

from domain.accounts import confirmation, passwords, throttle
from domain.accounts.authentication import admit
from domain.accounts.identities import USERNAME, parse_email
from domain.accounts.sessions import Visitor
from domain.accounts.throttle import Limit
from domain.clock import now
from domain.errors import Invalid
from domain.i18n import gettext as _
from domain.i18n import locale
from domain.policies import PRIVACY, TERMS
from models.accounts import Credential, CredentialKind
from models.database import fetch_value, transaction

# A household or an office shares one address, and a form may come back a few times before it is right.
SIGN_UPS_OF_ADDRESS = Limit(free=20, first=5, longest=900)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What somebody typed and ticked."""

    username: str
    email: str
    password: str = field(repr=False)
    is_adult: bool
    accepts_policies: bool
    wants_marketing: bool


async def register(sign_up: SignUp, *, visitor: Visitor, secret_key: str) -> str:
    """Open an account, sign its visitor in and queue the letter that confirms the address; answer the session's token.

    Whether the mail address is known already cannot be seen from the answer or from its time: an address belongs to
    the account that confirms it, so the new account is opened in either case and only the letter differs. A taken
    username is said, because there is no way around it: it is a public choice, and somebody has to pick another one.

    Raises Invalid with everything that is wrong at once, and Busy.
    """
    await throttle.spend(
        throttle.count(
            "sign_up", throttle.network_of(visitor.address), limit=SIGN_UPS_OF_ADDRESS, secret_key=secret_key
        )
    )
    errors = await _find_faults(sign_up)
    if errors:
        raise Invalid(errors)
    secret = await passwords.hash_password(sign_up.password)
    async with transaction():
        account_id = await _create_account(sign_up)
        await Credential(account=account_id, kind=CredentialKind.PASSWORD, secret=secret, changed_at=now()).save()
        await confirmation.queue_letter(account_id, secret_key=secret_key)
        return await admit(account_id, visitor)


async def _find_faults(sign_up: SignUp) -> dict[str, str]:
    """A sentence for each field that cannot be used, in the order of the form."""
    found = {
        "username": await _find_username_fault(sign_up.username),
        "email": "" if parse_email(sign_up.email) else _("Enter a mail address such as name@example.com."),
        "password": await passwords.find_weakness(sign_up.password, about=(sign_up.username, sign_up.email)),
        "adult": "" if sign_up.is_adult else _("This shop is for adults. Confirm that you are 18 or older."),
        "policies": "" if sign_up.accepts_policies else _("Accept the terms and the privacy policy to go on."),
    }
    return {name: sentence for name, sentence in found.items() if sentence}


async def _find_username_fault(username: str) -> str:
    if not USERNAME.fullmatch(username):
        return _("Use 3 to 30 letters, digits, dots, hyphens or underscores, beginning with a letter or a digit.")
    if await fetch_value("SELECT 1 FROM accounts WHERE username_key = $1", username.casefold()):
        return _username_taken()
    return ""


def _username_taken() -> str:
    return _("This username is taken. Choose another.")


_CREATE = """
INSERT INTO accounts (username, username_key, email, email_key, locale, adult_confirmed_at, terms_version,
                      policy_version, marketing_since, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CASE WHEN $9::boolean THEN $6::timestamptz END, $6)
ON CONFLICT (username_key) DO NOTHING RETURNING id
"""


async def _create_account(sign_up: SignUp) -> int:
    """Insert the row. Raises Invalid when somebody took the username a moment ago."""
    email = parse_email(sign_up.email) or ""
    account_id: int | None = await fetch_value(
        _CREATE,
        sign_up.username,
        sign_up.username.casefold(),
        email,
        email.casefold(),
        locale.get(),
        now(),
        TERMS.version,
        PRIVACY.version,
        sign_up.wants_marketing,
    )
    if account_id is None:
        raise Invalid({"username": _username_taken()})
    return account_id
