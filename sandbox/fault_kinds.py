"""The list of troubles: what each is called, whom it strikes and what may be chosen about it."""

from dataclasses import dataclass

ACTION = ("action",)  # strikes this action only; without it, every action


@dataclass(frozen=True)
class FaultKind:
    name: str
    says: str
    options: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        return self.name.partition(".")[0]


_KINDS = (
    # The provider's connection
    FaultKind("provider.timeout_before", "Does nothing and never answers", ACTION),
    FaultKind("provider.timeout_after", "Does what was asked, then never answers", ACTION),
    FaultKind("provider.reset_before", "Does nothing and resets the connection", ACTION),
    FaultKind("provider.reset_after", "Does what was asked, then resets the connection", ACTION),
    FaultKind("provider.error_page_before", "Does nothing and shows a 502 page", (*ACTION, "http_status")),
    FaultKind("provider.error_page_after", "Does what was asked, then shows a 502 page", (*ACTION, "http_status")),
    FaultKind("provider.html", "Does what was asked, then answers 200 with a web page", ACTION),
    FaultKind("provider.empty_body", "Does what was asked, then answers with nothing", ACTION),
    FaultKind("provider.truncated_json", "Does what was asked, then answers with half of the JSON", ACTION),
    FaultKind("provider.no_order_id", "Accepts the order and answers without its id"),
    FaultKind("provider.byte_order_mark", "Puts a byte order mark before the JSON", ACTION),
    FaultKind("provider.slow", "Answers late", (*ACTION, "seconds")),
    # The provider says no
    FaultKind("provider.invalid_key", "Invalid API key", ACTION),
    FaultKind("provider.suspended", "Your account has been suspended.", ACTION),
    FaultKind("provider.incorrect_service", "Incorrect service ID"),
    FaultKind("provider.bad_link", "Bad link"),
    FaultKind("provider.not_enough_funds", "Not enough funds on balance"),
    FaultKind("provider.active_order", "You have active order with this link."),
    FaultKind("provider.incorrect_order", "Incorrect order ID, although it is correct"),
    FaultKind("provider.error", "Any sentence, at any status", (*ACTION, "sentence", "http_status")),
    # The provider speaks a dialect
    FaultKind("provider.order_id_name", "Order id under another name", ("key",)),
    FaultKind("provider.extra_keys", "Success with keys nobody asked for"),
    FaultKind("provider.text_order_ids", "Order ids of 24 hex digits"),
    FaultKind("provider.single_status_keyed", "Single status wrapped in an object keyed by id"),
    FaultKind("provider.multi_status_list", "Multi status as a list, reversed, with a stranger's order in it"),
    FaultKind("provider.bare_string_errors", "Errors of single orders as bare strings"),
    FaultKind("provider.batch_fails", "Batch calls fail as a whole"),
    FaultKind("provider.null_start_count", "Start count null"),
    FaultKind("provider.unknown_remains", 'Remains "Unknown"'),
    FaultKind("provider.negative_remains", "Remains below zero"),
    FaultKind("provider.odd_words", "Status in other words", ("word",)),
    FaultKind("provider.cancel_keyed", "Cancel answered as an object keyed by id"),
    FaultKind("provider.refill_sentence", "Refill answered with a sentence and a number"),
    # How the next order ends
    FaultKind("provider.outcome_partial", "The next order ends Partial", ("remains",)),
    FaultKind("provider.outcome_canceled", "The next order ends Canceled"),
    FaultKind("provider.outcome_canceled_zero", "The next order ends Canceled with remains 0"),
    FaultKind("provider.outcome_never", "The next order never ends"),
    # The provider's catalogue
    FaultKind("provider.empty_catalogue", "Catalogue is an empty list"),
    FaultKind("provider.empty_data_catalogue", 'Catalogue says "Empty Data" as a success'),
    FaultKind("provider.broken_catalogue", "Catalogue rows without ids, rates or sense"),
    FaultKind("provider.wrapped_catalogue", 'Catalogue inside {"services": …}'),
    FaultKind("provider.price_jump", "Rates multiplied", ("factor", "services")),
    FaultKind("provider.vanished_services", "These services are gone", ("services",)),
    # The card processor
    FaultKind("cardlink.no_postback", "Pays without telling the shop"),
    FaultKind("cardlink.duplicate_postbacks", "Tells the shop several times", ("times",)),
    FaultKind("cardlink.late_postback", "Tells the shop late", ("seconds",)),
    FaultKind("cardlink.create_timeout", "Creates the bill, then never answers"),
    FaultKind("cardlink.create_timeout_before", "Creates nothing and never answers"),
    FaultKind("cardlink.wrong_amount", "bill/status with another amount", ("amount",)),
    FaultKind("cardlink.wrong_currency", "bill/status with another currency", ("currency",)),
    FaultKind("cardlink.wrong_order_id", "bill/status with another order_id", ("order_id",)),
    FaultKind("cardlink.underpaid", "The next payment is too small", ("amount",)),
    FaultKind("cardlink.overpaid", "The next payment is too large", ("amount",)),
    FaultKind("cardlink.unauthorized", "401 for a correct token"),
    FaultKind("cardlink.error_page", "A 502 page"),
    # The mail host
    FaultKind("smtp.refuse_temporarily", "451 after DATA"),
    FaultKind("smtp.refuse_permanently", "550 after DATA"),
    FaultKind("smtp.refuse_recipient", "550 for the recipient"),
    FaultKind("smtp.drop_after_data", "Takes the mail, then drops the connection"),
)

KINDS = {kind.name: kind for kind in _KINDS}
