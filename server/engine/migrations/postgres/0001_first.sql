-- The whole schema of the first release: edited until then, never after it. The twin under the other folder has the same tables and columns.
-- PostgreSQL: native types.

CREATE TABLE merchants (
    id            UUID PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    -- Until then no money of its MIDs is sent: a password, key or payout setting was changed (CM-09).
    frozen_until  TIMESTAMPTZ,
    frozen_why    TEXT,
    created_at    TIMESTAMPTZ NOT NULL
);

CREATE TABLE mids (
    id           UUID PRIMARY KEY,
    merchant_id  UUID NOT NULL REFERENCES merchants (id),
    name         TEXT NOT NULL,
    settles_in   TEXT,
    guard        TEXT NOT NULL CHECK (guard IN ('open', 'suspended')),
    -- Until then nothing of this MID is sent: its own key changed such a setting.
    frozen_until   TIMESTAMPTZ,
    frozen_why     TEXT,
    -- Where the merchant is alerted, and where payers' answers go.
    alert_email    TEXT,
    support_email  TEXT,
    -- What payers are spoken to in whose own language is not known.
    language       TEXT CHECK (language IN ('en', 'es', 'de', 'fr', 'ar')),
    created_at   TIMESTAMPTZ NOT NULL,
    UNIQUE (merchant_id, name)
);

-- The privacy policies that a merchant, or one of its MIDs, ever asked payers to agree to. Consents name them, so each stays as it was: a version
-- is of one link for ever.
CREATE TABLE privacy_texts (
    id           UUID PRIMARY KEY,
    owner_id     UUID NOT NULL,
    merchant_id  UUID NOT NULL REFERENCES merchants (id),
    url          TEXT NOT NULL CHECK (url LIKE 'https://_%' AND length(url) <= 500),
    version      TEXT NOT NULL CHECK (length(version) BETWEEN 1 AND 20),
    created_at   TIMESTAMPTZ NOT NULL,
    UNIQUE (owner_id, version),
    UNIQUE (id, owner_id)
);

-- What payers see of a merchant, or of one of its MIDs, whose own goes first.
CREATE TABLE brands (
    owner_id     UUID PRIMARY KEY,
    merchant_id  UUID NOT NULL REFERENCES merchants (id),
    name         TEXT CHECK (length(name) BETWEEN 1 AND 100),
    colour       TEXT CHECK (length(colour) = 7),
    logo         BYTEA CHECK (length(logo) BETWEEN 1 AND 8192),
    logo_type    TEXT CHECK (logo_type IN ('image/png', 'image/webp')),
    -- What its payers agree to; else its merchant's text, or Refundry's own.
    privacy_text_id UUID,
    changed_at   TIMESTAMPTZ NOT NULL,
    CHECK ((logo IS NULL) = (logo_type IS NULL)),
    FOREIGN KEY (privacy_text_id, owner_id) REFERENCES privacy_texts (id, owner_id)
);

-- From whom payers read a merchant's mails. Without a name of its own it is the brand's; a MID's own address for answers goes first.
CREATE TABLE senders (
    merchant_id  UUID PRIMARY KEY REFERENCES merchants (id),
    name         TEXT CHECK (length(name) BETWEEN 1 AND 64),
    reply_to     TEXT CHECK (reply_to LIKE '_%@_%'),
    changed_at   TIMESTAMPTZ NOT NULL
);

CREATE TABLE users (
    id             UUID PRIMARY KEY,
    email          TEXT NOT NULL,
    -- What the others read; the e-mail without one.
    name           TEXT CHECK (length(name) BETWEEN 1 AND 64),
    password_hash  TEXT NOT NULL,
    role           TEXT NOT NULL CHECK (role IN ('admin', 'owner', 'manager', 'support', 'viewer')),
    merchant_id    UUID REFERENCES merchants (id),
    created_at     TIMESTAMPTZ NOT NULL,
    -- Since when they sign in no more. The row stays: history names them.
    removed_at     TIMESTAMPTZ,
    CHECK ((role = 'admin') = (merchant_id IS NULL))
);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE removed_at IS NULL;
-- Nobody goes by the name of a colleague.
CREATE UNIQUE INDEX users_by_name ON users (merchant_id, name) WHERE removed_at IS NULL;

CREATE TABLE sessions (
    token_hash  BYTEA PRIMARY KEY,
    -- What its person knows it by, to end it.
    id          UUID NOT NULL UNIQUE,
    user_id     UUID NOT NULL REFERENCES users (id),
    -- In words, as they signed in: Firefox on Linux.
    browser     TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    -- To the hour: looking at a page writes nothing more often.
    seen_at     TIMESTAMPTZ NOT NULL,
    -- When its person last gave their password: what a thief would do first needs it again soon.
    proved_at   TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Links by which people join. Rows hold a keyed hash of each.
CREATE TABLE invitations (
    id           UUID PRIMARY KEY,
    token_hash   BYTEA NOT NULL UNIQUE,
    -- None for the operator's own people.
    merchant_id  UUID REFERENCES merchants (id),
    email        TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('admin', 'owner', 'manager', 'support', 'viewer')),
    invited_by   UUID NOT NULL REFERENCES users (id),
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    mailed_at    TIMESTAMPTZ,
    -- Why the mail server refused it, in its words.
    mail_error   TEXT,
    accepted_by  UUID REFERENCES users (id),
    -- Accepted, withdrawn, or too old when the next one was made.
    closed_at    TIMESTAMPTZ,
    CHECK ((role = 'admin') = (merchant_id IS NULL)),
    CHECK (accepted_by IS NULL OR closed_at IS NOT NULL)
);
CREATE INDEX invitations_open ON invitations (email) WHERE closed_at IS NULL;

-- Who asked for a new password: one row for each e-mail, known or not, so that asking tells nothing. A link that was used is gone.
CREATE TABLE password_resets (
    email       TEXT PRIMARY KEY,
    id          UUID NOT NULL UNIQUE,
    token_hash  BYTEA NOT NULL UNIQUE,
    asked_at    TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);

-- The code app of a person (RFC 6238): who has one signs in with a password and a code.
CREATE TABLE code_apps (
    user_id     UUID PRIMARY KEY REFERENCES users (id),
    -- Sealed, bound to this row.
    secret      BYTEA NOT NULL,
    -- The last time step whose code was taken: none is taken twice.
    last_step   BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

-- Codes for who lost their app. A used one is gone; rows hold a keyed hash of each.
CREATE TABLE recovery_codes (
    user_id    UUID NOT NULL REFERENCES code_apps (user_id),
    code_hash  BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

-- Sign-ins whose password was right and whose code is still to come. They let in nowhere.
CREATE TABLE sign_ins_begun (
    token_hash  BYTEA PRIMARY KEY,
    user_id     UUID NOT NULL REFERENCES users (id),
    browser     TEXT NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX sign_ins_begun_by_user ON sign_ins_begun (user_id);

-- Passkeys of people (WebAuthn): who has one signs in without password and code.
CREATE TABLE passkeys (
    id          UUID PRIMARY KEY,
    user_id     UUID NOT NULL REFERENCES users (id),
    -- As its authenticator knows it.
    credential  BYTEA NOT NULL UNIQUE CHECK (length(credential) BETWEEN 16 AND 1023),
    -- As its person calls it.
    name        TEXT NOT NULL CHECK (name <> ''),
    -- Its public key and its signature counter, as webauthn_rp writes them.
    public_key  BYTEA NOT NULL,
    state       BYTEA NOT NULL CHECK (length(state) = 7),
    created_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- What browsers were asked to sign: each is taken by the first answer, in the session or sign-in attempt that asked.
CREATE TABLE passkey_challenges (
    token_hash  BYTEA NOT NULL,
    purpose     TEXT NOT NULL CHECK (purpose IN ('add', 'sign_in', 'prove')),
    state       BYTEA NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (token_hash, purpose)
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);

-- First steps that a merchant's people set aside: what was done is seen in the rows it made.
CREATE TABLE setup_steps_skipped (
    merchant_id  UUID NOT NULL REFERENCES merchants (id),
    step         TEXT NOT NULL CHECK (step IN ('brand', 'policy', 'key', 'webhook', 'colleague', 'second_factor')),
    PRIMARY KEY (merchant_id, step)
);

-- Wrong passwords and codes, by the name that was tried: known or not.
CREATE TABLE sign_in_failures (
    email         TEXT PRIMARY KEY,
    failures      BIGINT NOT NULL,
    locked_until  TIMESTAMPTZ
);

CREATE TABLE api_keys (
    id           UUID PRIMARY KEY,
    token_hash   BYTEA NOT NULL UNIQUE,
    -- None for the operator, whose keys only read.
    merchant_id  UUID REFERENCES merchants (id),
    mid_id       UUID REFERENCES mids (id),
    -- What its merchant calls it; none is called after what it may do.
    name         TEXT CHECK (length(name) BETWEEN 1 AND 100),
    can_write    BOOLEAN NOT NULL,
    -- The person whose requests are made with it, for whoever approves them; none for a key of the command line.
    made_by      UUID REFERENCES users (id),
    -- The program that signs with a key pair of its own instead of sending the key: its client id.
    client_id    TEXT,
    created_at   TIMESTAMPTZ NOT NULL,
    -- To the hour: a call writes nothing more often.
    used_at      TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    CHECK (merchant_id IS NOT NULL OR (mid_id IS NULL AND NOT can_write))
);

CREATE INDEX api_keys_by_mid ON api_keys (mid_id) WHERE revoked_at IS NULL;

CREATE TABLE idempotency_keys (
    key_id        UUID NOT NULL REFERENCES api_keys (id),
    name          TEXT NOT NULL,
    request_hash  BYTEA NOT NULL,
    resource_id   UUID NOT NULL,
    status        BIGINT,
    -- Sealed: answers hold secrets that are told once, and claim links.
    body          BYTEA,
    created_at    TIMESTAMPTZ NOT NULL,
    busy_until    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (key_id, name)
);

-- Settings with every layer applied, named by their hash: cases and refunds live by them for ever.
CREATE TABLE policies (
    id      UUID PRIMARY KEY,
    policy  JSONB NOT NULL
);

-- What a merchant, or one of its MIDs, says differently from the layers below, in versions.
CREATE TABLE policy_versions (
    id            UUID PRIMARY KEY,
    merchant_id   UUID NOT NULL REFERENCES merchants (id),
    mid_id        UUID REFERENCES mids (id),
    number        BIGINT NOT NULL,
    overrides     JSONB NOT NULL,
    asset_overrides  JSONB NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'active', 'superseded', 'discarded')),
    author        TEXT NOT NULL,
    approver      TEXT,
    -- What it would have made of a period's real payments, tried when it was written.
    simulation    JSONB,
    effective_at  TIMESTAMPTZ,
    created_at    TIMESTAMPTZ NOT NULL,
    CHECK (state <> 'scheduled' OR effective_at IS NOT NULL),
    CHECK (approver IS NULL OR approver <> author)
);
CREATE UNIQUE INDEX policy_versions_by_number ON policy_versions (merchant_id, COALESCE(mid_id, merchant_id), number);
CREATE UNIQUE INDEX policy_versions_active ON policy_versions (merchant_id, COALESCE(mid_id, merchant_id)) WHERE state = 'active';

-- Settings that only the operator may change: of a merchant and all its MIDs, or of one MID.
CREATE TABLE policy_locks (
    merchant_id  UUID NOT NULL REFERENCES merchants (id),
    mid_id       UUID REFERENCES mids (id),
    name         TEXT NOT NULL
);
CREATE UNIQUE INDEX policy_locks_by_name ON policy_locks (merchant_id, COALESCE(mid_id, merchant_id), name);

CREATE TABLE invoices (
    id                       UUID PRIMARY KEY,
    mid_id                   UUID NOT NULL REFERENCES mids (id),
    -- Of its network, in the order of commits: whoever has seen number 7 has seen every one before it, or never will.
    number                   BIGINT NOT NULL,
    reference                TEXT NOT NULL,
    guid                     TEXT,
    billed                   TEXT NOT NULL,
    billed_currency          TEXT NOT NULL,
    rate                     TEXT NOT NULL,
    asset                    TEXT NOT NULL,
    charged                  NUMERIC(39,0) NOT NULL,
    pricing                  TEXT NOT NULL CHECK (pricing IN ('fiat', 'coin')),
    network                  TEXT NOT NULL,
    address                  TEXT NOT NULL,
    tag                      TEXT,
    -- Asks for nothing: what comes to a shared account without a tag that an invoice has.
    is_for_untagged          BOOLEAN NOT NULL,
    refund_address           TEXT,
    refund_tag               TEXT,
    overrides                JSONB,
    payer_email              TEXT,
    -- What its payer reads in, once known.
    language                 TEXT CHECK (language IN ('en', 'es', 'de', 'fr', 'ar')),
    -- What the payer agreed to on the payment page, and when (CP-04): a version of Refundry's own text, or a merchant's.
    consent_text_version     BIGINT,
    consent_text_id          UUID REFERENCES privacy_texts (id),
    consented_at             TIMESTAMPTZ,
    success_redirect_url     TEXT,
    unsuccess_redirect_url   TEXT,
    metadata                 JSONB,
    status                   TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'complete', 'underpaid', 'expired', 'canceled')),
    flags                    TEXT NOT NULL,
    judgements               BIGINT NOT NULL,
    refunds                  BIGINT NOT NULL,
    expires_at               TIMESTAMPTZ NOT NULL,
    created_at               TIMESTAMPTZ NOT NULL,
    version                  BIGINT NOT NULL,
    UNIQUE (mid_id, reference),
    CHECK (consent_text_version IS NULL OR consent_text_id IS NULL),
    CHECK ((consent_text_version IS NULL AND consent_text_id IS NULL) = (consented_at IS NULL)),
    CHECK (consented_at IS NULL OR payer_email IS NOT NULL),
    CHECK (is_for_untagged OR charged > 0),
    CHECK (NOT is_for_untagged OR tag IS NULL)
);
CREATE UNIQUE INDEX invoices_by_address ON invoices (network, address, COALESCE(tag, ''));
-- What a merchant's program asks for twice is one invoice.
CREATE UNIQUE INDEX invoices_by_guid ON invoices (mid_id, guid) WHERE guid IS NOT NULL;
CREATE INDEX invoices_by_mid ON invoices (mid_id, id);
CREATE INDEX invoices_by_time ON invoices (mid_id, created_at, id);
CREATE UNIQUE INDEX invoices_by_number ON invoices (network, number);
CREATE UNIQUE INDEX invoices_for_untagged ON invoices (mid_id, network) WHERE is_for_untagged;
CREATE INDEX invoices_watched ON invoices (network, expires_at);
CREATE INDEX invoices_by_payer_email ON invoices (LOWER(payer_email)) WHERE payer_email IS NOT NULL;
CREATE INDEX invoices_by_mid_status ON invoices (mid_id, status, id);
CREATE INDEX invoices_by_mid_asset ON invoices (mid_id, asset, id);
CREATE INDEX invoices_by_amount ON invoices (mid_id, charged);
-- A shop hardly uses some assets: that is known only of both columns together, and so the right index is taken.
CREATE STATISTICS invoices_of_a_mid (mcv) ON mid_id, status, asset FROM invoices;

CREATE TABLE deposits (
    id           UUID PRIMARY KEY,
    mid_id       UUID NOT NULL REFERENCES mids (id),
    invoice_id   UUID NOT NULL REFERENCES invoices (id),
    external_id  TEXT NOT NULL,
    txid         TEXT NOT NULL,
    asset        TEXT NOT NULL,
    amount       NUMERIC(39,0) NOT NULL CHECK (amount > 0),
    source       TEXT,
    is_risky     BOOLEAN NOT NULL,
    seen_at      TIMESTAMPTZ NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('seen', 'final', 'gone', 'orphaned')),
    is_judged    BOOLEAN NOT NULL,
    UNIQUE (mid_id, external_id)
);
CREATE INDEX deposits_by_invoice ON deposits (invoice_id);
CREATE INDEX deposits_by_txid ON deposits (txid);
CREATE INDEX deposits_not_final ON deposits (invoice_id) WHERE state IN ('seen', 'gone', 'orphaned');

-- Other systems that tell a MID's deposits in signed webhooks. What checks their signatures is sealed, and bound to the row.
CREATE TABLE sources (
    id             UUID PRIMARY KEY,
    mid_id         UUID NOT NULL REFERENCES mids (id),
    kind           TEXT NOT NULL CHECK (kind IN ('btcpay', 'cryptomus', 'nowpayments')),
    secret         BYTEA NOT NULL CHECK (length(secret) > 40),
    -- What came without its signature: counted, not kept.
    forged         BIGINT NOT NULL CHECK (forged >= 0),
    forged_at      TIMESTAMPTZ,
    created_at     TIMESTAMPTZ NOT NULL,
    removed_at     TIMESTAMPTZ,
    CHECK ((forged = 0) = (forged_at IS NULL))
);
CREATE INDEX sources_by_mid ON sources (mid_id) WHERE removed_at IS NULL;

-- What they told, once for each body, and what became of it.
CREATE TABLE source_news (
    id          UUID PRIMARY KEY,
    source_id   UUID NOT NULL REFERENCES sources (id),
    body_hash   BYTEA NOT NULL,
    event       TEXT NOT NULL,
    payment     TEXT,
    reference   TEXT,
    outcome     TEXT NOT NULL CHECK (outcome IN ('taken', 'unchanged', 'ignored', 'not_ours', 'refused')),
    detail      JSONB,
    times       BIGINT NOT NULL CHECK (times > 0),
    first_at    TIMESTAMPTZ NOT NULL,
    last_at     TIMESTAMPTZ NOT NULL,
    UNIQUE (source_id, body_hash),
    CHECK (outcome NOT IN ('not_ours', 'refused') OR detail IS NOT NULL),
    CHECK (outcome NOT IN ('taken', 'unchanged') OR payment IS NOT NULL)
);
CREATE INDEX source_news_by_source ON source_news (source_id, id);

-- The cap: no more is promised back than came in.
CREATE TABLE invoice_caps (
    invoice_id  UUID NOT NULL REFERENCES invoices (id),
    asset       TEXT NOT NULL,
    paid        NUMERIC(39,0) NOT NULL CHECK (paid >= 0),
    committed   NUMERIC(39,0) NOT NULL CHECK (committed >= 0),
    -- What vanished from the chain after it was final: nothing new is promised of it.
    orphaned    NUMERIC(39,0) NOT NULL CHECK (orphaned >= 0 AND orphaned <= paid),
    -- Counts its changes: whoever read another cap than this one changes nothing.
    version     BIGINT NOT NULL CHECK (version >= 1),
    PRIMARY KEY (invoice_id, asset),
    CHECK (committed <= paid)
);

CREATE TABLE exception_cases (
    id           UUID PRIMARY KEY,
    invoice_id   UUID NOT NULL REFERENCES invoices (id),
    number       BIGINT NOT NULL,
    flags        TEXT NOT NULL,
    policy_id    UUID NOT NULL REFERENCES policies (id),
    asset        TEXT NOT NULL,
    received     NUMERIC(39,0) NOT NULL,
    credited     NUMERIC(39,0) NOT NULL,
    refunded     NUMERIC(39,0) NOT NULL,
    residual     NUMERIC(39,0) NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('manual', 'credited', 'split', 'refunded', 'dust', 'attributed', 'void')),
    why          TEXT,
    at           TIMESTAMPTZ NOT NULL,
    UNIQUE (invoice_id, number),
    CHECK ((state = 'manual') = (why IS NOT NULL))
);

-- What the judgements of an invoice were told and what was known beside it, so that another policy can be tried on it. `number` is the
-- invoice's version that came of it.
CREATE TABLE invoice_events (
    mid_id         UUID NOT NULL REFERENCES mids (id),
    invoice_id     UUID NOT NULL REFERENCES invoices (id),
    number         BIGINT NOT NULL,
    at             TIMESTAMPTZ NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('deposit', 'time_is_up', 'resolved', 'attributed', 'unwound', 'restored')),
    deposit_id     UUID,
    deposit_state  TEXT CHECK (deposit_state IN ('seen', 'final', 'gone', 'orphaned')),
    case_id        UUID,
    resolution     TEXT CHECK (resolution IN ('accept', 'refund_excess', 'refund')),
    -- The price of a coin: nothing when nobody asked, `away` when no source had one.
    rate           TEXT,
    is_suspended   BOOLEAN NOT NULL,
    -- The request that a person's decision came with.
    request_id     UUID,
    PRIMARY KEY (invoice_id, number),
    CHECK ((kind IN ('deposit', 'attributed', 'unwound', 'restored')) = (deposit_id IS NOT NULL)),
    CHECK ((kind = 'deposit') = (deposit_state IS NOT NULL)),
    CHECK ((kind = 'resolved') = (case_id IS NOT NULL)),
    CHECK ((case_id IS NULL) = (resolution IS NULL)),
    CHECK (request_id IS NULL OR kind IN ('resolved', 'attributed'))
);
-- A request with an idempotency key decides once: a repeat after a lost answer finds it here, and two at once meet here.
CREATE UNIQUE INDEX invoice_events_by_request ON invoice_events (invoice_id, request_id) WHERE request_id IS NOT NULL;

CREATE TABLE refunds (
    id                   UUID PRIMARY KEY,
    mid_id               UUID NOT NULL REFERENCES mids (id),
    invoice_id           UUID NOT NULL REFERENCES invoices (id),
    case_id              UUID REFERENCES exception_cases (id),
    policy_id            UUID NOT NULL REFERENCES policies (id),
    policy_number        BIGINT NOT NULL,
    reference            TEXT NOT NULL,
    reason               TEXT NOT NULL CHECK (reason IN ('overpaid', 'underpaid', 'late', 'wrong_asset', 'missing_tag', 'not_accepted', 'merchant')),
    flags                TEXT NOT NULL,
    asset                TEXT NOT NULL,
    amount               NUMERIC(39,0) NOT NULL CHECK (amount > 0),
    priced               TEXT,
    priced_currency      TEXT,
    rate_rule            TEXT NOT NULL,
    fee_bearer           TEXT NOT NULL CHECK (fee_bearer IN ('payer', 'merchant')),
    funding              TEXT NOT NULL CHECK (funding IN ('holding', 'suspense', 'merchant')),
    is_reserved          BOOLEAN NOT NULL,
    is_reviewed          BOOLEAN NOT NULL,
    maker                TEXT,
    merchant_reference   TEXT,
    guid                 TEXT,
    support_request      TEXT,
    merchant_reason      TEXT,
    message              TEXT,
    immediate            BOOLEAN,
    notify               BOOLEAN,
    approval             TEXT CHECK (approval IN ('not_needed', 'needed', 'given')),
    notified_at          TIMESTAMPTZ,
    state                TEXT NOT NULL CHECK (state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'sending', 'payout_failed', 'paid', 'expired', 'canceled', 'declined')),
    -- The facts of the state; which of them are there follows from it.
    claim_id             UUID,
    expires_at           TIMESTAMPTZ,
    conversion_rate      TEXT,
    conversion_amount    TEXT,
    conversion_currency  TEXT,
    network              TEXT,
    address              TEXT,
    tag                  TEXT,
    fee                  NUMERIC(39,0),
    confirmed_at         TIMESTAMPTZ,
    release_at           TIMESTAMPTZ,
    blocked_by           TEXT,
    hold_reason          TEXT,
    payout_id            UUID,
    txid                 TEXT,
    failure              TEXT,
    canceled_by          TEXT,
    cancel_reason        TEXT,
    cancel_note          TEXT,
    canceled_at          TIMESTAMPTZ,
    declined_by          TEXT,
    decline_reason       TEXT,
    version              BIGINT NOT NULL,
    created_at           TIMESTAMPTZ NOT NULL,
    updated_at           TIMESTAMPTZ NOT NULL,
    -- Not per MID: the second refund of order A and the first of order A-2 have the same reference.
    UNIQUE (invoice_id, reference),
    CHECK (state <> 'awaiting_claim' OR (claim_id IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK ((case_id IS NULL) = (reason = 'merchant')),
    CHECK (reason <> 'merchant' OR (maker IS NOT NULL AND funding = 'merchant')),
    CHECK ((maker IS NULL) = (immediate IS NULL)),
    CHECK ((maker IS NULL) = (approval IS NULL)),
    -- What nobody approved is offered to nobody.
    CHECK (COALESCE(approval, 'not_needed') <> 'needed' OR state IN ('awaiting_approval', 'canceled', 'declined')),
    CHECK (state NOT IN ('sending', 'payout_failed', 'paid') OR is_reserved),
    CHECK (state NOT IN ('scheduled', 'on_hold', 'sending', 'payout_failed', 'paid') OR (claim_id IS NOT NULL AND address IS NOT NULL AND fee IS NOT NULL AND confirmed_at IS NOT NULL)),
    CHECK (state NOT IN ('scheduled', 'on_hold') OR release_at IS NOT NULL),
    CHECK (state <> 'on_hold' OR hold_reason IS NOT NULL),
    CHECK (state NOT IN ('sending', 'paid') OR payout_id IS NOT NULL),
    CHECK (state <> 'paid' OR txid IS NOT NULL),
    CHECK (state <> 'canceled' OR canceled_by IS NOT NULL),
    -- Who made it does not decide about it.
    CHECK (state <> 'declined' OR (declined_by IS NOT NULL AND declined_by <> maker))
);
CREATE INDEX refunds_by_mid ON refunds (mid_id, id);
CREATE INDEX refunds_by_mid_state ON refunds (mid_id, state, id);
CREATE INDEX refunds_by_reference ON refunds (mid_id, reference);
CREATE INDEX refunds_expiring ON refunds (mid_id, expires_at) WHERE state = 'awaiting_claim';
CREATE INDEX refunds_by_mid_reason ON refunds (mid_id, reason, id);
CREATE INDEX refunds_by_mid_asset ON refunds (mid_id, asset, id);
CREATE STATISTICS refunds_of_a_mid (mcv) ON mid_id, state, reason, asset FROM refunds;
-- An overview counts a period's refunds by their day and reason, and by how soon they were claimed: from here alone.
CREATE INDEX refunds_by_time ON refunds (mid_id, created_at, id, reason, confirmed_at);
CREATE INDEX refunds_open ON refunds (mid_id, asset) WHERE state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'sending', 'payout_failed');
CREATE INDEX refunds_by_amount ON refunds (mid_id, amount);
CREATE INDEX refunds_by_address ON refunds (address) WHERE address IS NOT NULL;
CREATE INDEX refunds_by_txid ON refunds (txid) WHERE txid IS NOT NULL;
-- What a merchant's program asks for twice is one refund.
CREATE UNIQUE INDEX refunds_by_guid ON refunds (mid_id, guid) WHERE guid IS NOT NULL;

-- Quotes: refunds as they would be. They hold no money.
CREATE TABLE refund_previews (
    id          UUID PRIMARY KEY,
    mid_id      UUID NOT NULL REFERENCES mids (id),
    invoice_id  UUID NOT NULL REFERENCES invoices (id),
    guid        TEXT,
    request     JSONB NOT NULL,
    maker       TEXT NOT NULL,
    asset       TEXT NOT NULL,
    amount      NUMERIC(39,0) NOT NULL CHECK (amount > 0),
    fee         NUMERIC(39,0) NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX refund_previews_by_guid ON refund_previews (mid_id, guid) WHERE guid IS NOT NULL;

-- What one person or key gave back in a day, in cents: limits see the sum, not the single refund.
CREATE TABLE given_back (
    maker     TEXT NOT NULL,
    day       TEXT NOT NULL,
    currency  TEXT NOT NULL,
    cents     BIGINT NOT NULL CHECK (cents >= 0),
    PRIMARY KEY (maker, day, currency)
);

CREATE TABLE refund_history (
    refund_id  UUID NOT NULL REFERENCES refunds (id),
    version    BIGINT NOT NULL,
    at         TIMESTAMPTZ NOT NULL,
    state      TEXT NOT NULL,
    actor      TEXT NOT NULL,
    note       TEXT,
    request_id UUID,
    PRIMARY KEY (refund_id, version)
);
-- A request with an idempotency key makes a step once: a repeat after a lost answer finds it here, and two at once meet here.
CREATE UNIQUE INDEX refund_history_by_request ON refund_history (refund_id, request_id) WHERE request_id IS NOT NULL;

CREATE TABLE claims (
    id                    UUID PRIMARY KEY,
    refund_id             UUID NOT NULL REFERENCES refunds (id),
    state                 TEXT NOT NULL CHECK (state IN ('issued', 'confirmed', 'canceled', 'void')),
    token_hash            BYTEA NOT NULL UNIQUE,
    cancel_token_hash     BYTEA NOT NULL UNIQUE,
    verified_by           TEXT NOT NULL CHECK (verified_by IN ('link', 'email_code', 'source_signature', 'precommitted', 'source_address', 'merchant')),
    -- What the payer gave beside the link when they confirmed: what the policy asks for above its `low_risk_band`, or nothing.
    proof                 TEXT CHECK (proof IN ('not_needed', 'code', 'missing')),
    address               TEXT,
    tag                   TEXT,
    -- Where to write to about this claim, when the invoice does not say.
    email                 TEXT,
    -- What the payer agreed to, as in invoices.
    consent_text_version  BIGINT,
    consent_text_id       UUID REFERENCES privacy_texts (id),
    created_at            TIMESTAMPTZ NOT NULL,
    confirmed_at          TIMESTAMPTZ,
    CHECK (consent_text_version IS NULL OR consent_text_id IS NULL),
    CHECK (state <> 'confirmed' OR (address IS NOT NULL AND confirmed_at IS NOT NULL
        AND (consent_text_version IS NOT NULL OR consent_text_id IS NOT NULL OR verified_by NOT IN ('link', 'email_code')))),
    CHECK (state <> 'confirmed' OR verified_by <> 'link' OR (proof IS NOT NULL AND proof <> 'code')),
    CHECK (verified_by <> 'email_code' OR (proof IS NOT NULL AND proof = 'code'))
);
-- At most one live claim per refund.
CREATE UNIQUE INDEX claims_live ON claims (refund_id) WHERE state IN ('issued', 'confirmed');
CREATE INDEX claims_by_email ON claims (LOWER(email)) WHERE email IS NOT NULL;

-- Codes that were mailed to payers, to be given beside the link. Neither the code nor the whole address is here.
CREATE TABLE claim_codes (
    id          UUID PRIMARY KEY,
    claim_id    UUID NOT NULL REFERENCES claims (id),
    -- Only the last one works.
    number      BIGINT NOT NULL CHECK (number BETWEEN 1 AND 20),
    -- Of the code, the claim and the destination.
    code_hash   BYTEA NOT NULL,
    shown_to    TEXT NOT NULL,
    -- Counted before the code is looked at.
    tries       BIGINT NOT NULL CHECK (tries BETWEEN 0 AND 5),
    sent_at     TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL CHECK (expires_at > sent_at),
    given_at    TIMESTAMPTZ CHECK (given_at < expires_at),
    CHECK (given_at IS NULL OR tries > 0),
    UNIQUE (claim_id, number)
);
-- A claim is confirmed by one code.
CREATE UNIQUE INDEX claim_codes_given ON claim_codes (claim_id) WHERE given_at IS NOT NULL;

CREATE TABLE payouts (
    id              UUID PRIMARY KEY,
    refund_id       UUID NOT NULL REFERENCES refunds (id),
    mid_id          UUID NOT NULL REFERENCES mids (id),
    network         TEXT NOT NULL,
    asset           TEXT NOT NULL,
    net             NUMERIC(39,0) NOT NULL CHECK (net > 0),
    fee             NUMERIC(39,0) NOT NULL,
    fee_bearer      TEXT NOT NULL CHECK (fee_bearer IN ('payer', 'merchant')),
    fee_is_in_kind  BOOLEAN NOT NULL,
    address         TEXT NOT NULL,
    tag             TEXT,
    -- Until when it waits for others to be paid with.
    batch_until     TIMESTAMPTZ,
    -- The payout whose transaction pays this one too: slot, id and bytes are that one's, so that they cannot be two things.
    batch_id        UUID REFERENCES payouts (id),
    state           TEXT NOT NULL CHECK (state IN ('reserved', 'signed', 'broadcast', 'final', 'failed')),
    slot            BIGINT,
    txid            TEXT,
    bytes           BYTEA,
    -- Since when they wait for a block.
    signed_at       TIMESTAMPTZ,
    -- How often they were replaced by others with a higher fee, for the same slot.
    raised          BIGINT NOT NULL,
    failure         TEXT,
    version         BIGINT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    UNIQUE (network, txid),
    CHECK (state NOT IN ('signed', 'broadcast', 'final') OR batch_id IS NOT NULL OR (slot IS NOT NULL AND txid IS NOT NULL AND bytes IS NOT NULL AND signed_at IS NOT NULL)),
    CHECK (batch_id IS NULL OR (batch_id <> id AND batch_until IS NOT NULL AND slot IS NULL AND txid IS NULL AND bytes IS NULL)),
    CHECK (state <> 'failed' OR failure IS NOT NULL)
);
-- At most one payout per refund that lives or has paid.
CREATE UNIQUE INDEX payouts_live ON payouts (refund_id) WHERE state <> 'failed';
CREATE INDEX payouts_under_way ON payouts (network) WHERE state IN ('reserved', 'signed', 'broadcast');
CREATE INDEX payouts_by_batch ON payouts (batch_id) WHERE batch_id IS NOT NULL;
-- At most one set of bytes per slot that may be on its way.
CREATE UNIQUE INDEX payouts_by_slot ON payouts (network, slot) WHERE state IN ('signed', 'broadcast', 'final');

-- Bytes that others with a higher fee took the place of, or took it back from: the network may still take any of them, one per slot.
CREATE TABLE payout_replaced (
    txid       TEXT NOT NULL,
    payout_id  UUID NOT NULL REFERENCES payouts (id),
    bytes      BYTEA NOT NULL,
    signed_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (payout_id, txid)
);

-- Which payout may use which slot (EVM: nonce) of a network's hot account. A slot belongs to one payout, and to those that its transaction pays too, for ever, unless it is proven that nothing was signed for it.
CREATE TABLE rail_slots (
    network    TEXT NOT NULL,
    slot       BIGINT NOT NULL,
    payout_id  UUID NOT NULL UNIQUE REFERENCES payouts (id),
    PRIMARY KEY (network, slot)
);

-- How far each chain was read (the block at the cursor by its name, as a reorganisation changes it), how many deposit addresses were handed
-- out, invoices numbered, and slots given to payouts.
CREATE TABLE rails (
    network       TEXT PRIMARY KEY,
    cursor        BIGINT,
    block         TEXT,
    next_address  BIGINT NOT NULL,
    invoices      BIGINT NOT NULL DEFAULT 0,
    turns         BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE ledger_entries (
    id          BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    mid_id      UUID NOT NULL REFERENCES mids (id),
    kind        TEXT NOT NULL,
    key         TEXT NOT NULL UNIQUE,
    invoice_id  UUID REFERENCES invoices (id),
    deposit_id  UUID REFERENCES deposits (id),
    refund_id   UUID REFERENCES refunds (id),
    payout_id   UUID REFERENCES payouts (id),
    at          TIMESTAMPTZ NOT NULL
);
CREATE INDEX ledger_entries_by_mid ON ledger_entries (mid_id, id);
CREATE INDEX ledger_entries_by_time ON ledger_entries (mid_id, at);
CREATE INDEX ledger_entries_by_invoice ON ledger_entries (invoice_id);
CREATE INDEX ledger_entries_by_payout ON ledger_entries (payout_id) WHERE payout_id IS NOT NULL;
CREATE INDEX ledger_entries_orphaned ON ledger_entries (deposit_id) WHERE kind = 'deposit_orphaned';
-- What an overview counts: few of all entries.
CREATE INDEX ledger_entries_outcomes ON ledger_entries (mid_id, kind, at) WHERE kind IN ('payout_final', 'payout_orphaned', 'claim_expired');

-- Both sides of a movement in one row: it cannot be unbalanced. `*_invoice_id` tells holding accounts apart.
CREATE TABLE ledger_postings (
    entry_id           BIGINT NOT NULL REFERENCES ledger_entries (id),
    position           BIGINT NOT NULL,
    debit_account      TEXT NOT NULL,
    debit_invoice_id   UUID,
    credit_account     TEXT NOT NULL,
    credit_invoice_id  UUID,
    asset              TEXT NOT NULL,
    amount             NUMERIC(39,0) NOT NULL CHECK (amount > 0),
    PRIMARY KEY (entry_id, position)
);

-- Sums per account. A liability never owes less than nothing.
CREATE TABLE balances (
    mid_id      UUID NOT NULL REFERENCES mids (id),
    account     TEXT NOT NULL,
    -- The invoice of a holding account, else the nil id.
    invoice_id  UUID NOT NULL,
    asset       TEXT NOT NULL,
    debits      NUMERIC(39,0) NOT NULL CHECK (debits >= 0),
    credits     NUMERIC(39,0) NOT NULL CHECK (credits >= 0),
    -- Counts its changes: whoever read other sums than these changes nothing.
    version     BIGINT NOT NULL CHECK (version >= 1),
    PRIMARY KEY (mid_id, account, invoice_id, asset),
    CHECK (account IN ('custody', 'network_fee', 'merchant_receivable', 'fx_clearing') OR debits <= credits)
);

-- What merchants are told, numbered per subject without a gap.
CREATE TABLE notices (
    id          UUID PRIMARY KEY,
    mid_id      UUID NOT NULL REFERENCES mids (id),
    subject_id  UUID NOT NULL,
    sequence    BIGINT NOT NULL CHECK (sequence >= 1),
    event       TEXT NOT NULL,
    data        JSONB NOT NULL,
    -- What is around its subject, for endpoints that are told in other systems' words; none when nobody is.
    picture     JSONB,
    created_at  TIMESTAMPTZ NOT NULL,
    UNIQUE (subject_id, sequence)
);
CREATE INDEX notices_by_mid ON notices (mid_id, id);

CREATE TABLE webhook_endpoints (
    id           UUID PRIMARY KEY,
    merchant_id  UUID NOT NULL REFERENCES merchants (id),
    mid_id       UUID REFERENCES mids (id),
    -- Only this invoice's events: its maker said where to.
    invoice_id   UUID REFERENCES invoices (id),
    url          TEXT NOT NULL,
    dialect      TEXT NOT NULL CHECK (dialect IN ('native', 'cryptomus', 'heleket', 'txn', 'bvnk', 'bitpay', 'cryptopay', 'btcpay')),
    -- Which signatures of Standard Webhooks it gets.
    signing      TEXT NOT NULL CHECK (signing IN ('v1', 'v1a', 'both')),
    -- Secrets are derived from these; for a day after a rotation the old one signs too.
    secret_id      UUID NOT NULL,
    old_secret_id  UUID,
    -- Which API key asked for it: some systems sign with that.
    key_id         UUID REFERENCES api_keys (id),
    rotated_at     TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL,
    removed_at   TIMESTAMPTZ,
    -- It answered 410: it wants nothing more until somebody switches it on again.
    disabled_at  TIMESTAMPTZ,
    -- Its merchant is written to, or was, because it does not answer; none once it does.
    alerted_at   TIMESTAMPTZ,
    CHECK ((old_secret_id IS NULL) = (rotated_at IS NULL)),
    -- Whoever makes an invoice says where to: what is told there carries no claim link.
    CHECK (invoice_id IS NULL OR dialect IN ('cryptomus', 'heleket'))
);
CREATE INDEX webhook_endpoints_of_merchant ON webhook_endpoints (merchant_id) WHERE invoice_id IS NULL AND removed_at IS NULL;
CREATE UNIQUE INDEX webhook_endpoints_of_invoice ON webhook_endpoints (invoice_id) WHERE invoice_id IS NOT NULL;

-- Of which events an endpoint in Refundry's own words is told; of all without a row.
CREATE TABLE webhook_endpoint_events (
    endpoint_id  UUID NOT NULL REFERENCES webhook_endpoints (id),
    event        TEXT NOT NULL CHECK (event IN ('invoice.processing', 'invoice.complete', 'invoice.underpaid', 'invoice.expired', 'invoice.canceled', 'invoice.held', 'invoice.orphaned', 'invoice.restored', 'refund.created', 'refund.claim_available', 'refund.claimed', 'refund.claimed_again', 'refund.sending', 'refund.fee_raised', 'refund.paid', 'refund.payout_failed', 'refund.blocked', 'refund.expired', 'refund.canceled', 'refund.reorged', 'refund.reissued', 'refund.declined', 'refund.expiring', 'refund.held', 'refund.delayed', 'refund.approval_needed', 'refund.undelivered')),
    PRIMARY KEY (endpoint_id, event)
);

CREATE TABLE deliveries (
    id               UUID PRIMARY KEY,
    notice_id        UUID NOT NULL REFERENCES notices (id),
    endpoint_id      UUID NOT NULL REFERENCES webhook_endpoints (id),
    subject_id       UUID NOT NULL,
    sequence         BIGINT NOT NULL,
    -- As the endpoint was spoken to when it happened.
    dialect          TEXT NOT NULL CHECK (dialect IN ('native', 'cryptomus', 'heleket', 'txn', 'bvnk', 'bitpay', 'cryptopay', 'btcpay')),
    state            TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'given_up')),
    attempts         BIGINT NOT NULL,
    response_status  BIGINT,
    -- How the last answer began.
    answer           TEXT CHECK (length(answer) <= 1024),
    error            TEXT,
    attempted_at     TIMESTAMPTZ,
    UNIQUE (notice_id, endpoint_id)
);
CREATE INDEX deliveries_pending ON deliveries (endpoint_id, subject_id, sequence) WHERE state = 'pending';

-- Mails to payers and merchants, written with the money. They hold no link: those are derived when a mail is sent.
CREATE TABLE emails (
    id            UUID PRIMARY KEY,
    mid_id        UUID NOT NULL REFERENCES mids (id),
    refund_id     UUID NOT NULL REFERENCES refunds (id),
    kind          TEXT NOT NULL CHECK (kind IN ('claim', 'scheduled', 'cancel_link', 'code', 'sent', 'arrived', 'expiring', 'canceled', 'expired', 'delayed', 'undelivered', 'payout_failed', 'not_requested', 'approval_needed')),
    -- The refund's version that caused it; of a cancel link that was asked for again, which time that was.
    number        BIGINT NOT NULL,
    -- Whose links it carries.
    claim_id      UUID REFERENCES claims (id),
    recipient     TEXT NOT NULL,
    language      TEXT NOT NULL CHECK (language IN ('en', 'es', 'de', 'fr', 'ar')),
    state         TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'obsolete', 'refused', 'given_up', 'bounced')),
    attempts      BIGINT NOT NULL,
    error         TEXT,
    created_at    TIMESTAMPTZ NOT NULL,
    attempted_at  TIMESTAMPTZ,
    -- Nobody is told the same twice.
    UNIQUE (refund_id, kind, number),
    CHECK (state NOT IN ('refused', 'given_up', 'bounced') OR error IS NOT NULL)
);
CREATE INDEX emails_undelivered ON emails (mid_id, attempted_at) WHERE state IN ('refused', 'given_up', 'bounced');

-- The mail by which somebody last tried how their merchant's mails go out.
CREATE TABLE test_mails (
    user_id       UUID PRIMARY KEY REFERENCES users (id),
    -- Its Message-ID begins with it.
    id            UUID NOT NULL,
    recipient     TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'refused', 'given_up')),
    -- What the mail server said last.
    error         TEXT,
    asked_at      TIMESTAMPTZ NOT NULL,
    attempted_at  TIMESTAMPTZ,
    CHECK (state NOT IN ('refused', 'given_up') OR error IS NOT NULL)
);

-- What has to be done later. One row per kind and subject; the row goes when it is done.
CREATE TABLE jobs (
    kind          TEXT NOT NULL,
    subject_id    UUID NOT NULL,
    due_at        TIMESTAMPTZ NOT NULL,
    attempts      BIGINT NOT NULL,
    leased_until  TIMESTAMPTZ,
    -- Another one for every lease: who lost it cannot end it.
    lease         UUID,
    last_error    TEXT,
    PRIMARY KEY (kind, subject_id)
);
-- One for each lane of the worker, so that a crowd in one is not in the other's way.
CREATE INDEX jobs_due ON jobs (due_at) WHERE kind <> 'deliver';
CREATE INDEX jobs_deliveries_due ON jobs (due_at) WHERE kind = 'deliver';

-- Accounts that nobody is paid at, by the list that names them. Without a network: on every EVM chain, where one key is one account.
CREATE TABLE sanctioned_accounts (
    list         TEXT NOT NULL,
    network      TEXT,
    address      TEXT NOT NULL,
    imported_at  TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX sanctioned_accounts_by_address ON sanctioned_accounts (address, list, COALESCE(network, ''));
CREATE INDEX sanctioned_accounts_by_list ON sanctioned_accounts (list);
-- Who did what, numbered per merchant without a gap. Each row's hash covers the row and the hash before it.
CREATE TABLE audit_log (
    -- The nil id for what belongs to no merchant.
    merchant_id   UUID NOT NULL,
    number        BIGINT NOT NULL CHECK (number >= 1),
    at            TIMESTAMPTZ NOT NULL,
    actor         TEXT NOT NULL,
    action        TEXT NOT NULL,
    subject_kind  TEXT NOT NULL,
    subject_id    UUID NOT NULL,
    -- JSON, byte for byte as it was hashed.
    detail        TEXT NOT NULL,
    prev_hash     BYTEA NOT NULL,
    hash          BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, number)
);
CREATE INDEX audit_log_by_subject ON audit_log (merchant_id, subject_id, number);

-- The end of each merchant's chain: who appends holds this row.
CREATE TABLE audit_heads (
    merchant_id  UUID PRIMARY KEY,
    number       BIGINT NOT NULL,
    hash         BYTEA NOT NULL
);

-- What the books and a rail's accounts said at one moment, asset by asset. Signed base units as text: nothing here is calculated with again.
CREATE TABLE reconciliations (
    id               UUID PRIMARY KEY,
    network          TEXT NOT NULL,
    asset            TEXT NOT NULL,
    at               TIMESTAMPTZ NOT NULL,
    ledger_units     TEXT NOT NULL,
    gas_units        TEXT NOT NULL,
    in_flight_units  TEXT NOT NULL,
    rail_units       TEXT,
    float_units      TEXT,
    state            TEXT NOT NULL CHECK (state IN ('matched', 'differs', 'rail_away')),
    note             TEXT NOT NULL,
    CHECK ((state = 'rail_away') = (rail_units IS NULL) AND (rail_units IS NULL) = (float_units IS NULL))
);
CREATE INDEX reconciliations_by_asset ON reconciliations (network, asset, id);

-- The simulated chains of the sandbox.
CREATE TABLE sandbox_transactions (
    network    TEXT NOT NULL,
    txid       TEXT NOT NULL,
    -- A transaction that pays several is as many rows.
    output     BIGINT NOT NULL,
    -- What a payout uses up.
    slot       BIGINT,
    position   BIGINT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('deposit', 'payout')),
    asset      TEXT NOT NULL,
    amount     NUMERIC(39,0) NOT NULL,
    address    TEXT NOT NULL,
    tag        TEXT,
    source     TEXT,
    mined_at   TIMESTAMPTZ NOT NULL,
    is_final   BOOLEAN NOT NULL,
    succeeded  BOOLEAN NOT NULL,
    -- Its block went away; a payout's bytes can be mined again.
    is_gone    BOOLEAN NOT NULL,
    PRIMARY KEY (network, txid, output)
);
-- Two transactions for one slot are never both in blocks.
CREATE UNIQUE INDEX sandbox_transactions_by_slot ON sandbox_transactions (network, slot) WHERE slot IS NOT NULL AND output = 0 AND NOT is_gone;
CREATE UNIQUE INDEX sandbox_transactions_by_position ON sandbox_transactions (network, position);

-- When no payer could reach the pages: so much longer is the time to cancel (odd case 23).
CREATE TABLE outages (
    began_at  TIMESTAMPTZ PRIMARY KEY,
    ended_at  TIMESTAMPTZ NOT NULL,
    CHECK (ended_at > began_at)
);

-- Settings that the running system changes itself: the sandbox clock, fault switches.
CREATE TABLE state (
    name   TEXT PRIMARY KEY,
    value  TEXT NOT NULL
);
-- The kill switch: a row that orders of payouts can lock.
INSERT INTO state (name, value) VALUES ('payouts_stopped', 'false');

-- What was written stays written.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER ledger_entries_no_change BEFORE UPDATE OR DELETE ON ledger_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entries_no_truncate BEFORE TRUNCATE ON ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_no_change BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_postings_no_truncate BEFORE TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policies_no_change BEFORE UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policies_no_truncate BEFORE TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER privacy_texts_no_change BEFORE UPDATE OR DELETE ON privacy_texts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER privacy_texts_no_truncate BEFORE TRUNCATE ON privacy_texts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_events_no_change BEFORE UPDATE OR DELETE ON invoice_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_events_no_truncate BEFORE TRUNCATE ON invoice_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_history_no_change BEFORE UPDATE OR DELETE ON refund_history FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER refund_history_no_truncate BEFORE TRUNCATE ON refund_history FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_replaced_no_change BEFORE UPDATE OR DELETE ON payout_replaced FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_replaced_no_truncate BEFORE TRUNCATE ON payout_replaced FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who did something is known for ever, and somebody owns each merchant's account.
CREATE TRIGGER users_no_delete BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE FUNCTION keep_an_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two owners who remove each other at the same moment take turns here.
    PERFORM 1 FROM merchants WHERE id = OLD.merchant_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT 1 FROM users WHERE merchant_id = OLD.merchant_id AND role = 'owner' AND removed_at IS NULL AND id <> OLD.id) THEN
        RAISE EXCEPTION 'a merchant keeps an owner' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER users_keep_an_owner BEFORE UPDATE OF role, removed_at ON users FOR EACH ROW
    WHEN (OLD.role = 'owner' AND OLD.removed_at IS NULL AND (NEW.role <> 'owner' OR NEW.removed_at IS NOT NULL))
    EXECUTE FUNCTION keep_an_owner();

-- Who holds the link alone gets nothing above the policy's `low_risk_band`: the code was given, or a person looked at it.
CREATE FUNCTION codes_are_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM claim_codes WHERE claim_id = NEW.id AND given_at IS NOT NULL) THEN
        RAISE EXCEPTION 'nobody gave the code of this claim' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER claims_codes_are_given BEFORE UPDATE OF state ON claims FOR EACH ROW
    WHEN (NEW.state = 'confirmed' AND NEW.verified_by = 'email_code') EXECUTE FUNCTION codes_are_given();
CREATE FUNCTION payouts_are_proven() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM refunds r JOIN claims c ON c.id = r.claim_id
        WHERE r.id = NEW.refund_id AND c.proof = 'missing' AND NOT r.is_reviewed) THEN
        RAISE EXCEPTION 'nobody looked at a refund that was claimed by its link alone' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER payouts_are_proven BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION payouts_are_proven();

-- Bytes that were stored are never lost, whatever takes their place.
CREATE FUNCTION keep_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO payout_replaced (txid, payout_id, bytes, signed_at) VALUES (OLD.txid, OLD.id, OLD.bytes, OLD.signed_at)
    ON CONFLICT (payout_id, txid) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER payouts_keep_bytes AFTER UPDATE OF txid ON payouts FOR EACH ROW
    WHEN (OLD.txid IS NOT NULL AND NEW.txid IS DISTINCT FROM OLD.txid) EXECUTE FUNCTION keep_bytes();
