-- Everything the sandbox remembers. Times are seconds since 1970; money is decimal text, never a float.

CREATE TABLE IF NOT EXISTS fault (
    name TEXT PRIMARY KEY,
    remaining INTEGER,
    options TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS provider_balance (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    amount TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS provider_call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    action TEXT NOT NULL,
    fields TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT ''
);

CREATE TABLE IF NOT EXISTS provider_order (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id TEXT NOT NULL DEFAULT '',
    service INTEGER NOT NULL,
    link TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    charge TEXT NOT NULL,
    placed_at REAL NOT NULL,
    starts_at REAL NOT NULL,
    start_count INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    outcome_remains TEXT,
    canceled_at REAL,
    parent INTEGER REFERENCES provider_order (id),
    runs INTEGER NOT NULL DEFAULT 1,
    settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS provider_order_public_id ON provider_order (public_id);
CREATE INDEX IF NOT EXISTS provider_order_link ON provider_order (service, link);
CREATE INDEX IF NOT EXISTS provider_order_open ON provider_order (settled) WHERE settled = 0;
-- Ids look like those of a panel that has been at work for a while.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'provider_order', 23500 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'provider_order');

CREATE TABLE IF NOT EXISTS provider_refill (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id INTEGER NOT NULL REFERENCES provider_order (id),
    asked_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS bill (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    created_at REAL NOT NULL,
    ttl INTEGER,
    description TEXT NOT NULL,
    custom TEXT NOT NULL,
    success_url TEXT NOT NULL,
    fail_url TEXT NOT NULL,
    return_url TEXT NOT NULL,
    payer_pays_commission INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS bill_created_at ON bill (created_at);

CREATE TABLE IF NOT EXISTS payment (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    bill_id TEXT NOT NULL REFERENCES bill (id),
    status TEXT NOT NULL,
    amount TEXT NOT NULL,
    commission TEXT NOT NULL,
    currency TEXT NOT NULL,
    card TEXT NOT NULL,
    payer_name TEXT NOT NULL,
    error_code TEXT NOT NULL,
    error_message TEXT NOT NULL,
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS payment_bill ON payment (bill_id);

CREATE TABLE IF NOT EXISTS refund (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    payment_id TEXT NOT NULL REFERENCES payment (id),
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS chargeback (
    id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL UNIQUE REFERENCES payment (id),
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS postback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bill_id TEXT NOT NULL,
    url TEXT NOT NULL,
    fields TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    answer TEXT NOT NULL DEFAULT '',
    due_at REAL
);
CREATE INDEX IF NOT EXISTS postback_due ON postback (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    raw BLOB NOT NULL
);
