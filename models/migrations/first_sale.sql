-- Every table of the first sale, with the constraints, indexes and triggers that keep its promises.
-- Money is BIGINT in 10^-8 of a currency unit. Names of indexes say what they are for.

create table accounts (
    id bigserial primary key,
    username varchar(40) not null default '',
    username_key varchar(40) unique not null default '',
    email varchar(254) not null default '',
    email_key varchar(254) not null default '',
    email_confirmed_at timestamptz,
    state varchar(20) not null default 'active',
    locale varchar(10) not null default 'en',
    adult_confirmed_at timestamptz not null default now(),
    terms_version integer not null default 0,
    policy_version integer not null default 0,
    marketing_since timestamptz,
    created_at timestamptz not null default now(),
    last_signed_in_at timestamptz
);
-- An address belongs to the account that proved to read its mail; until then anybody may claim it.
create unique index accounts_confirmed_email on accounts (email_key) where email_confirmed_at is not null;

create table credentials (
    id bigserial primary key,
    account bigint not null references accounts (id) on delete restrict,
    kind varchar(20) not null default '',
    secret varchar(255) not null default '',
    changed_at timestamptz not null default now()
);
create index credentials_account on credentials (account);

create table staff_members (
    id bigserial primary key,
    account bigint unique not null references accounts (id) on delete restrict,
    role varchar(20) not null default '',
    active boolean not null default true,
    created_at timestamptz not null default now()
);

create table sessions (
    id bigserial primary key,
    token_hash bytea unique not null,
    account bigint references accounts (id) on delete restrict,
    theme varchar(5) not null default 'auto',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now()
);
create index sessions_account on sessions (account);
create index sessions_expires_at on sessions (expires_at);

create table throttles (
    key varchar(100) primary key default '',
    attempts integer not null default 0,
    blocked_until timestamptz,
    last_attempt_at timestamptz not null default now()
);
create index throttles_last_attempt_at on throttles (last_attempt_at);

create table categories (
    id bigserial primary key,
    name varchar(500) unique not null default '',
    platform varchar(40) not null default '',
    position integer not null default 0
);
create index categories_platform on categories (platform);

create table services (
    id bigserial primary key,
    category bigint not null references categories (id) on delete restrict,
    name varchar(500) not null default '',
    description text not null default '',
    type varchar(40) not null default '',
    state varchar(20) not null default 'on_sale',
    rate bigint not null default 0,
    min_quantity bigint not null default 0,
    max_quantity bigint not null default 0,
    refill boolean not null default false,
    cancel boolean not null default false,
    drip_feed boolean not null default false,
    average_minutes integer,
    position integer not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint rate_is_not_negative check (rate >= 0),
    constraint quantity_starts_at_one check (min_quantity >= 1),
    constraint limits_are_in_order check (max_quantity >= min_quantity)
);
create index services_category on services (category);
create index services_state on services (state);

create table service_revisions (
    id bigserial primary key,
    service bigint not null references services (id) on delete restrict,
    name varchar(500) not null default '',
    rate bigint not null default 0,
    min_quantity bigint not null default 0,
    max_quantity bigint not null default 0,
    state varchar(20) not null default '',
    cause varchar(40) not null default '',
    changed_at timestamptz not null default now()
);
create index service_revisions_service on service_revisions (service);

create table catalog_versions (
    id smallint primary key default 0,
    version bigint not null default 0,
    changed_at timestamptz not null default now(),
    constraint there_is_only_one check (id = 1)
);

create table providers (
    id bigserial primary key,
    key varchar(40) unique not null default '',
    name varchar(100) not null default '',
    currency varchar(3) not null default '',
    markup_percent integer not null default 0,
    active boolean not null default true,
    balance bigint,
    healthy boolean not null default true,
    trouble varchar(20) not null default '',
    health_note varchar(200) not null default '',
    checked_at timestamptz,
    synced_at timestamptz
);

create table provider_services (
    id bigserial primary key,
    provider bigint not null references providers (id) on delete restrict,
    service bigint not null references services (id) on delete restrict,
    external_id varchar(100) not null default '',
    cost bigint not null default 0,
    listed boolean not null default true,
    priority smallint not null default 0,
    synced_at timestamptz not null default now()
);
create index provider_services_provider on provider_services (provider);
create index provider_services_service on provider_services (service);

create table carts (
    id bigserial primary key,
    session bigint references sessions (id) on delete restrict,
    account bigint references accounts (id) on delete restrict,
    state varchar(20) not null default 'open',
    revision integer not null default 0,
    note varchar(20) not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index carts_session on carts (session);
create index carts_account on carts (account);

create table cart_lines (
    id bigserial primary key,
    cart bigint not null references carts (id) on delete restrict,
    service bigint not null references services (id) on delete restrict,
    link varchar(2000) not null default '',
    link_key varchar(500) not null default '',
    quantity bigint not null default 0,
    fields jsonb not null default '{}',
    seen_rate bigint not null default 0,
    added_at timestamptz not null default now(),
    constraint quantity_is_positive check (quantity >= 1)
);
create index cart_lines_cart on cart_lines (cart);
create index cart_lines_service on cart_lines (service);

create table orders (
    id bigserial primary key,
    code varchar(12) unique not null default '',
    account bigint not null references accounts (id) on delete restrict,
    cart bigint not null references carts (id) on delete restrict,
    service bigint not null references services (id) on delete restrict,
    service_name varchar(500) not null default '',
    state varchar(20) not null default 'placed',
    link varchar(2000) not null default '',
    link_key varchar(500) not null default '',
    quantity bigint not null default 0,
    fields jsonb not null default '{}',
    rate bigint not null default 0,
    charge bigint not null default 0,
    refunded bigint not null default 0,
    currency varchar(3) not null default '',
    start_count bigint,
    remains bigint,
    placed_at timestamptz not null default now(),
    finished_at timestamptz,
    next_check_at timestamptz,
    checks smallint not null default 0,
    constraint quantity_is_positive check (quantity >= 1),
    constraint charge_is_not_negative check (charge >= 0),
    constraint refund_is_not_negative check (refunded >= 0),
    constraint refund_is_at_most_the_charge check (refunded <= charge)
);
create index orders_account on orders (account);
create index orders_cart on orders (cart);
create index orders_service on orders (service);

create table order_events (
    id bigserial primary key,
    "order" bigint not null references orders (id) on delete restrict,
    state varchar(20) not null default '',
    actor varchar(20) not null default '',
    note text not null default '',
    happened_at timestamptz not null default now()
);
create index order_events_order on order_events ("order");

create table dispatches (
    id bigserial primary key,
    "order" bigint not null references orders (id) on delete restrict,
    provider bigint not null references providers (id) on delete restrict,
    provider_service bigint not null references provider_services (id) on delete restrict,
    state varchar(20) not null default 'started',
    external_id varchar(100),
    expected_cost bigint not null default 0,
    reported_cost bigint,
    reason varchar(20) not null default '',
    note text not null default '',
    misses smallint not null default 0,
    started_at timestamptz not null default now(),
    ended_at timestamptz
);
create index dispatches_order on dispatches ("order");
create index dispatches_provider on dispatches (provider);
create index dispatches_provider_service on dispatches (provider_service);

create table cases (
    id bigserial primary key,
    kind varchar(40) not null default '',
    cause varchar(100) unique not null default '',
    state varchar(20) not null default 'open',
    summary text not null default '',
    evidence jsonb not null default '{}',
    decided_by bigint references staff_members (id) on delete restrict,
    decision text not null default '',
    opened_at timestamptz not null default now(),
    decided_at timestamptz
);
create index cases_decided_by on cases (decided_by);

create table ledger_accounts (
    id bigserial primary key,
    kind varchar(20) not null default '',
    owner bigint references accounts (id) on delete restrict,
    processor varchar(40) not null default '',
    currency varchar(3) not null default '',
    balance bigint not null default 0,
    version bigint not null default 0,
    constraint a_wallet_is_never_overdrawn check (balance >= 0)
);
create index ledger_accounts_owner on ledger_accounts (owner);

create table ledger_transactions (
    id bigserial primary key,
    cause varchar(100) unique not null default '',
    kind varchar(20) not null default '',
    reference varchar(40) not null default '',
    happened_at timestamptz not null default now()
);

create table ledger_entries (
    id bigserial primary key,
    transaction bigint not null references ledger_transactions (id) on delete restrict,
    account bigint not null references ledger_accounts (id) on delete restrict,
    amount bigint not null default 0,
    currency varchar(3) not null default '',
    balance_after bigint,
    version bigint,
    happened_at timestamptz not null default now()
);
create index ledger_entries_transaction on ledger_entries (transaction);

create table payments (
    id bigserial primary key,
    code varchar(20) unique not null default '',
    account bigint not null references accounts (id) on delete restrict,
    cart bigint references carts (id) on delete restrict,
    processor varchar(40) not null default '',
    state varchar(20) not null default 'created',
    amount bigint not null default 0,
    currency varchar(3) not null default '',
    processor_reference varchar(100),
    pay_url varchar(500) not null default '',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null default now(),
    paid_at timestamptz,
    decided_at timestamptz,
    next_check_at timestamptz,
    checking_until timestamptz,
    checks smallint not null default 0,
    constraint amount_is_positive check (amount > 0)
);
create index payments_account on payments (account);
create index payments_cart on payments (cart);
create index payments_next_check_at on payments (next_check_at);

create table payment_events (
    id bigserial primary key,
    payment bigint not null references payments (id) on delete restrict,
    state varchar(20) not null default '',
    note varchar(300) not null default '',
    happened_at timestamptz not null default now()
);
create index payment_events_payment on payment_events (payment);

create table notifications (
    id bigserial primary key,
    processor varchar(40) not null default '',
    dedupe_key varchar(100) not null default '',
    kind varchar(40) not null default '',
    payment bigint references payments (id) on delete restrict,
    fields jsonb not null default '{}',
    body_sha256 bytea not null,
    deliveries integer not null default 1,
    received_at timestamptz not null default now(),
    handled_at timestamptz
);
create index notifications_payment on notifications (payment);

create table receipts (
    id bigserial primary key,
    number varchar(30) unique not null default '',
    account bigint not null references accounts (id) on delete restrict,
    payment bigint unique not null default 0,
    amount bigint not null default 0,
    currency varchar(3) not null default '',
    issued_at timestamptz not null default now()
);
create index receipts_account on receipts (account);

create table receipt_counters (
    year integer primary key default 0,
    last_number integer not null default 0,
    constraint numbers_start_at_one check (last_number >= 0)
);

create table mail_messages (
    id bigserial primary key,
    cause varchar(100) unique not null default '',
    letter varchar(40) not null default '',
    account bigint references accounts (id) on delete restrict,
    to_address varchar(254) not null default '',
    locale varchar(10) not null default 'en',
    context jsonb not null default '{}',
    state varchar(20) not null default 'queued',
    attempts smallint not null default 0,
    next_attempt_at timestamptz not null default now(),
    claimed_at timestamptz,
    sent_at timestamptz,
    note varchar(300) not null default ''
);
create index mail_messages_account on mail_messages (account);

create table access_log (
    id bigserial primary key,
    staff_member bigint not null references staff_members (id) on delete restrict,
    account bigint not null references accounts (id) on delete restrict,
    what varchar(20) not null default '',
    reference varchar(40) not null default '',
    at timestamptz not null default now()
);
create index access_log_staff_member on access_log (staff_member);
create index access_log_account on access_log (account);

-- One way in of each kind that there can be only one of.
create unique index credentials_one_password on credentials (account) where kind = 'password';

-- Catalogue.
create unique index provider_services_external on provider_services (provider, external_id);
create index services_on_sale on services (category, position) where state = 'on_sale';
insert into catalog_versions (id, version) values (1, 0);

-- Carts: one open cart for a visitor, one for an account.
create unique index carts_open_of_session on carts (session) where state = 'open' and account is null;
create unique index carts_open_of_account on carts (account) where state = 'open';
create index carts_being_paid on carts (id) where state = 'paying';
create unique index cart_lines_once on cart_lines (cart, service, md5(link_key));

-- Orders. A provider counts from a start count, so two open orders of one service on one link would count twice.
create unique index orders_open_on_link on orders (service, md5(link_key))
    where state in ('placed', 'parked', 'pending', 'in_progress', 'processing');
create index orders_of_account on orders (account, id desc);
create index orders_of_account_by_state on orders (account, state, id desc);
create index orders_open_of_account on orders (account, id desc)
    where state in ('placed', 'parked', 'pending', 'in_progress', 'processing');
create index orders_by_state on orders (state, id desc);
create index orders_on_link on orders (md5(link_key), id desc);
create index orders_to_check on orders (next_check_at) where next_check_at is not null;

-- Dispatches: while the provider has the order, or may have it, no second attempt can exist.
create unique index dispatches_one_live_attempt on dispatches ("order")
    where state in ('started', 'accepted', 'unknown');
create unique index dispatches_external on dispatches (provider, external_id) where external_id is not null;
create index dispatches_by_state on dispatches (state, id desc);
create index dispatches_left_started on dispatches (started_at) where state = 'started';
create index cases_open on cases (opened_at) where state = 'open';

-- Payments.
create unique index payments_reference on payments (processor, processor_reference)
    where processor_reference is not null;
create index payments_of_account on payments (account, id desc);
create index payments_by_state on payments (state, id desc);
create unique index notifications_dedupe on notifications (processor, dedupe_key);
create index notifications_of_payment on notifications (payment, id desc);

-- Letters.
create index mail_messages_waiting on mail_messages (next_attempt_at) where state in ('queued', 'sending');

-- Ledger: wallets and the shop's own accounts are unique, entries are read as a statement.
create unique index ledger_accounts_wallet on ledger_accounts (owner, currency) where kind = 'wallet';
create unique index ledger_accounts_own on ledger_accounts (kind, processor, currency) where kind <> 'wallet';
create unique index ledger_entries_version on ledger_entries (account, version) where version is not null;
create index ledger_entries_of_account on ledger_entries (account, id desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger ledger_entries_append_only before update or delete on ledger_entries
    for each row execute function refuse_change();
create trigger ledger_entries_no_truncate before truncate on ledger_entries
    for each statement execute function refuse_change();
create trigger ledger_transactions_append_only before update or delete on ledger_transactions
    for each row execute function refuse_change();
create trigger ledger_transactions_no_truncate before truncate on ledger_transactions
    for each statement execute function refuse_change();
create trigger order_events_append_only before update or delete on order_events
    for each row execute function refuse_change();
create trigger payment_events_append_only before update or delete on payment_events
    for each row execute function refuse_change();
create trigger receipts_append_only before update or delete on receipts
    for each row execute function refuse_change();
create trigger access_log_append_only before update or delete on access_log
    for each row execute function refuse_change();
create trigger access_log_no_truncate before truncate on access_log
    for each statement execute function refuse_change();

-- Checked at COMMIT, once for each transaction of the ledger: it has two sides.
create function check_two_sides() returns trigger language plpgsql as $$
declare
    found record;
begin
    select sum(entries) as entries, bool_and(amount = 0) as balanced into found
      from (select count(*) as entries, sum(amount) as amount from ledger_entries
             where transaction = new.id group by currency) sides;
    if coalesce(found.entries, 0) < 2 or not found.balanced then
        raise exception 'ledger transaction % has one side only or does not sum to zero', new.id
              using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger ledger_transactions_two_sides after insert on ledger_transactions
    deferrable initially deferred for each row execute function check_two_sides();

-- All entries of a transaction come with one statement, so nothing joins what was checked before.
create function refuse_late_entries() returns trigger language plpgsql as $$
begin
    if exists (
        select from added group by transaction
        having count(*) <> (select count(*) from ledger_entries e where e.transaction = added.transaction)
    ) then
        raise exception 'a ledger transaction takes no entries after its first' using errcode = 'restrict_violation';
    end if;
    return null;
end $$;

create trigger ledger_entries_not_late after insert on ledger_entries
    referencing new table as added for each statement execute function refuse_late_entries();
