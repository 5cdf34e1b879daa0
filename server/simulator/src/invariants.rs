//! What must be true of the rows after every step, as SQL of its own: nothing of the engine's code is asked. What only the outside
//! knows (chains, the merchant's server, what callers were told) is laid beside the rows in tables of the auditor's session.
//!
//! The names are those of the design's list of invariants. The texts serve both databases: `units(x)`, `micros(x)`, `id(x)` and
//! `nil()` are spelled for each by [`Dialect::spell`].

/// One rule: every row its text returns is a violation, in words.
#[derive(Clone, Copy, Debug)]
pub struct Invariant {
    /// Its name.
    pub name: &'static str,
    /// What it promises.
    pub promise: &'static str,
    /// Returns `what`, one row per violation.
    pub sql: &'static str,
}

/// The transitions a refund may make, as declared in the requirements: `(from, to)`.
pub const TRANSITIONS: &[(&str, &str)] = &[
    ("awaiting_approval", "awaiting_claim"),
    ("awaiting_approval", "scheduled"),
    ("awaiting_approval", "canceled"),
    ("awaiting_approval", "declined"),
    ("awaiting_claim", "awaiting_claim"),
    ("awaiting_claim", "scheduled"),
    ("awaiting_claim", "expired"),
    ("awaiting_claim", "canceled"),
    ("scheduled", "scheduled"),
    ("scheduled", "awaiting_claim"),
    ("scheduled", "on_hold"),
    ("scheduled", "sending"),
    ("scheduled", "canceled"),
    ("on_hold", "on_hold"),
    ("on_hold", "scheduled"),
    ("on_hold", "canceled"),
    ("sending", "sending"),
    ("sending", "paid"),
    ("sending", "payout_failed"),
    ("payout_failed", "awaiting_claim"),
    ("payout_failed", "scheduled"),
    ("payout_failed", "canceled"),
    ("paid", "sending"),
    ("expired", "awaiting_claim"),
    ("canceled", "awaiting_claim"),
];

/// The states a refund may begin in.
pub const BEGINNINGS: &[&str] = &["awaiting_approval", "awaiting_claim", "scheduled"];

/// The notice that goes with every arrival in a state.
pub const NOTICES: &[(&str, &str)] = &[
    ("sending", "refund.sending"),
    ("paid", "refund.paid"),
    ("payout_failed", "refund.payout_failed"),
    ("expired", "refund.expired"),
    ("canceled", "refund.canceled"),
    ("on_hold", "refund.held"),
    ("declined", "refund.declined"),
];

/// The time of outages between two instants, in microseconds.
macro_rules! without_pages {
    ($since:literal, $till:literal) => {
        concat!(
            "(SELECT COALESCE(SUM((CASE WHEN o.till < ",
            $till,
            " THEN o.till ELSE ",
            $till,
            " END) - (CASE WHEN o.since > ",
            $since,
            " THEN o.since ELSE ",
            $since,
            " END)), 0) FROM sim_outages o WHERE o.since < ",
            $till,
            " AND o.till > ",
            $since,
            ")"
        )
    };
}

/// The claims that somebody made by a link under a policy that trusts no link alone.
macro_rules! above_the_band {
    ($where:literal) => {
        concat!(
            "FROM claims c JOIN refunds r ON r.id = c.refund_id JOIN invoices i ON i.id = r.invoice_id JOIN policies s ON s.id = r.policy_id \
             WHERE REPLACE(CAST(s.policy AS TEXT), ' ', '') LIKE '%\"low_risk_band\":{\"USD\":\"0\"}%' AND ",
            $where
        )
    };
}

/// The security delays that policies of these worlds name, in microseconds.
pub const DELAYS: &[(&str, i64)] = &[("PT72H", 259_200_000_000), ("PT1H", 3_600_000_000), ("PT0S", 0)];

/// What must be true after every step.
pub const ALWAYS: &[Invariant] = &[
    Invariant {
        name: "I0",
        promise: "the schema never has to refuse what the rules should have refused",
        sql: "SELECT 'the job ' || kind || ' failed: ' || last_error AS what FROM jobs \
              WHERE last_error LIKE 'the database refused%' OR last_error LIKE 'a row in %'",
    },
    Invariant {
        name: "I1",
        promise: "every entry moves something from one account to another, and debits equal credits in every asset",
        sql: "SELECT 'entry ' || e.key || ' moves nothing, or to where it came from' AS what \
              FROM ledger_entries e LEFT JOIN ledger_postings p ON p.entry_id = e.id \
              WHERE p.entry_id IS NULL OR units(p.amount) <= 0 \
                OR (p.debit_account = p.credit_account AND p.debit_invoice_id IS NOT DISTINCT FROM p.credit_invoice_id) \
              UNION ALL SELECT 'debits and credits of ' || asset || ' differ' FROM balances \
              GROUP BY asset HAVING SUM(units(debits)) <> SUM(units(credits))",
    },
    Invariant {
        name: "I2",
        promise: "every balance is the sum of its postings",
        sql: "SELECT 'balance of ' || account || ' in ' || asset || ' differs from its postings' AS what FROM ( \
                SELECT e.mid_id AS mid, p.debit_account AS account, COALESCE(p.debit_invoice_id, nil()) AS invoice, p.asset AS asset, \
                  units(p.amount) AS d, 0 AS c FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id \
                UNION ALL SELECT e.mid_id, p.credit_account, COALESCE(p.credit_invoice_id, nil()), p.asset, 0, units(p.amount) \
                  FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id \
                UNION ALL SELECT b.mid_id, b.account, b.invoice_id, b.asset, -units(b.debits), -units(b.credits) FROM balances b \
              ) sides GROUP BY mid, account, invoice, asset HAVING SUM(d) <> 0 OR SUM(c) <> 0",
    },
    Invariant {
        name: "I3",
        promise: "a refund has at most one payout that lives or has paid, and payouts of a batch have the transaction of its first",
        sql: "SELECT 'refund ' || id(refund_id) || ' has ' || COUNT(*) || ' live payouts' AS what FROM payouts \
              WHERE state <> 'failed' GROUP BY refund_id HAVING COUNT(*) > 1 \
              UNION ALL SELECT 'payout ' || id(p.id) || ' is in a batch that cannot be' FROM payouts p LEFT JOIN payouts f ON f.id = p.batch_id \
              WHERE p.batch_id IS NOT NULL AND (f.id IS NULL OR f.batch_id IS NOT NULL OR f.network <> p.network OR f.slot IS NULL \
                OR (p.state IN ('signed', 'broadcast', 'final') AND f.bytes IS NULL)) \
              UNION ALL SELECT 'the transfers of ' || t.txid || ' are not one batch' FROM sim_transfers t JOIN payouts p ON p.id = t.payout_id \
              JOIN sim_transfers u ON u.txid = t.txid JOIN payouts q ON q.id = u.payout_id \
              WHERE COALESCE(p.batch_id, p.id) <> COALESCE(q.batch_id, q.id) \
              UNION ALL SELECT 'the bytes of transfer ' || t.txid || ' are lost' FROM sim_transfers t JOIN payouts p ON p.id = t.payout_id \
              JOIN payouts f ON f.id = COALESCE(p.batch_id, p.id) WHERE f.txid <> t.txid \
                AND NOT EXISTS (SELECT 1 FROM payout_replaced x WHERE x.payout_id = f.id AND x.txid = t.txid) \
              UNION ALL SELECT 'the raised fees of payout ' || id(p.id) || ' are not told' FROM payouts p WHERE p.raised <> \
              (SELECT COUNT(*) FROM refund_history h WHERE h.refund_id = p.refund_id AND h.note = 'fee_raised' AND micros(h.at) >= micros(p.created_at) \
                AND p.state <> 'failed') AND p.state <> 'failed'",
    },
    Invariant {
        name: "I4",
        promise: "the chain paid each refund at most once, what and where its rows say, and every payout that counts as done",
        sql: "SELECT 'refund ' || id(p.refund_id) || ' was paid by ' || COUNT(*) || ' transfers' AS what \
              FROM sim_transfers t JOIN payouts p ON p.id = t.payout_id WHERE t.is_mined = 1 AND t.succeeded = 1 \
              GROUP BY p.refund_id HAVING COUNT(*) > 1 \
              UNION ALL SELECT 'transfer ' || t.txid || ' belongs to no payout' \
              FROM sim_transfers t LEFT JOIN payouts p ON p.id = t.payout_id WHERE p.id IS NULL \
              UNION ALL SELECT 'transfer ' || t.txid || ' is not what its payout says' FROM sim_transfers t \
              JOIN payouts p ON p.id = t.payout_id WHERE t.address <> p.address OR t.asset <> p.asset OR t.amount <> units(p.net) \
              UNION ALL SELECT 'payout ' || id(p.id) || ' is final without a transfer on the chain' FROM payouts p \
              LEFT JOIN payouts f ON f.id = p.batch_id \
              LEFT JOIN sim_transfers t ON t.payout_id = p.id AND (t.txid = p.txid OR f.id IS NOT NULL) AND t.is_mined = 1 AND t.succeeded = 1 \
              WHERE p.state = 'final' AND t.txid IS NULL \
              UNION ALL SELECT 'payout ' || id(p.id) || ' counts as failed, and the chain paid it' FROM payouts p \
              JOIN sim_transfers t ON t.payout_id = p.id AND t.is_mined = 1 AND t.succeeded = 1 WHERE p.state = 'failed' \
              UNION ALL SELECT 'payout ' || id(p.id) || ' is not what its refund says' FROM payouts p \
              JOIN refunds r ON r.id = p.refund_id WHERE p.state <> 'failed' AND r.state <> 'canceled' AND r.state <> 'expired' \
                AND (p.address <> r.address OR p.asset <> r.asset OR units(p.net) + units(p.fee) <> units(r.amount))",
    },
    Invariant {
        name: "I5",
        promise: "nothing is signed or sent for a refund that was canceled, and no payout ordered after a merchant was frozen",
        sql: "SELECT 'refund ' || id(r.id) || ' is canceled and has a payout that is ' || p.state AS what FROM refunds r \
              JOIN payouts p ON p.refund_id = r.id AND p.state <> 'failed' WHERE r.state = 'canceled' \
              UNION ALL SELECT 'refund ' || id(r.id) || ' is canceled and paid by ' || t.txid FROM refunds r \
              JOIN payouts p ON p.refund_id = r.id JOIN sim_transfers t ON t.payout_id = p.id AND t.is_mined = 1 AND t.succeeded = 1 \
              WHERE r.state = 'canceled' \
              UNION ALL SELECT 'refund ' || id(s.subject_id) || ' was sent while its merchant was frozen' FROM audit_log f \
              JOIN audit_log s ON s.merchant_id = f.merchant_id AND s.number > f.number AND s.action = 'refund.sending' \
                AND micros(s.at) < micros(f.at) + 86400000000 WHERE f.action IN ('merchant.frozen', 'mid.frozen') AND NOT EXISTS (SELECT 1 \
                FROM refund_history h WHERE h.refund_id = s.subject_id AND (h.state = 'paid' AND micros(h.at) <= micros(s.at) \
                  OR h.note = 'fee_raised' AND micros(h.at) = micros(s.at)))",
    },
    Invariant {
        name: "I6",
        promise: "no refund expires once it was signed",
        sql: "SELECT 'refund ' || id(r.id) || ' is expired and has a payout that is ' || p.state AS what FROM refunds r \
              JOIN payouts p ON p.refund_id = r.id AND p.state <> 'failed' WHERE r.state = 'expired' \
              UNION ALL SELECT 'refund ' || id(h.refund_id) || ' expired after it was sent' FROM refund_history h \
              JOIN refund_history s ON s.refund_id = h.refund_id AND s.state = 'sending' AND s.version < h.version \
              WHERE h.state = 'expired'",
    },
    Invariant {
        name: "I7",
        promise: "no payout is ordered before the payer's whole security delay is over, counted from when they had the cancel link: what the mail \
                  server took within a minute counts from the confirmation, what it refused for good from when the merchant was told; time without pages does not count",
        sql: concat!(
            "SELECT 'refund ' || id(p.refund_id) || ' was released after ' || (micros(p.created_at) - micros(c.confirmed_at)) || ' us' AS what \
              FROM payouts p JOIN claims c ON c.refund_id = p.refund_id AND c.state = 'confirmed' JOIN refunds r ON r.id = p.refund_id \
              JOIN policies s ON s.id = r.policy_id JOIN sim_delays d ON REPLACE(CAST(s.policy AS TEXT), ' ', '') LIKE '%\"security_delay\":\"' || d.text || '\"%' \
              WHERE p.state <> 'failed' AND micros(p.created_at) - micros(c.confirmed_at) - ",
            without_pages!("micros(c.confirmed_at)", "micros(p.created_at)"),
            " < d.micros \
              UNION ALL SELECT 'refund ' || id(p.refund_id) || ' was released before its payer had the cancel link for the whole delay' \
              FROM payouts p JOIN claims c ON c.refund_id = p.refund_id AND c.state = 'confirmed' JOIN refunds r ON r.id = p.refund_id \
              JOIN policies s ON s.id = r.policy_id JOIN sim_delays d ON REPLACE(CAST(s.policy AS TEXT), ' ', '') LIKE '%\"security_delay\":\"' || d.text || '\"%' \
              WHERE p.state <> 'failed' AND d.micros > 0 \
                AND EXISTS (SELECT 1 FROM emails e WHERE e.claim_id = c.id AND e.kind = 'scheduled' AND e.state <> 'obsolete') \
                AND NOT EXISTS (SELECT 1 FROM emails e JOIN sim_mails t ON t.email_id = e.id WHERE e.claim_id = c.id \
                  AND e.kind IN ('scheduled', 'cancel_link') AND micros(p.created_at) - t.micros - ",
            without_pages!("t.micros", "micros(p.created_at)"),
            " >= d.micros - 60000000) \
                AND NOT EXISTS (SELECT 1 FROM emails e WHERE e.claim_id = c.id AND e.kind IN ('scheduled', 'cancel_link') \
                  AND e.state IN ('refused', 'given_up', 'bounced') AND micros(p.created_at) - micros(e.attempted_at) - ",
            without_pages!("micros(e.attempted_at)", "micros(p.created_at)"),
            " >= d.micros - 60000000) \
              UNION ALL SELECT 'a delay nobody named, of refund ' || id(r.id) FROM refunds r JOIN policies s ON s.id = r.policy_id \
              LEFT JOIN sim_delays d ON REPLACE(CAST(s.policy AS TEXT), ' ', '') LIKE '%\"security_delay\":\"' || d.text || '\"%' \
              WHERE d.text IS NULL",
        ),
    },
    Invariant {
        name: "I8",
        promise: "every refund's history is a path of the declared graph, numbered without a gap, that ends where the refund is",
        sql: "SELECT 'refund ' || id(a.refund_id) || ' goes from ' || a.state || ' to ' || b.state AS what FROM refund_history a \
              JOIN refund_history b ON b.refund_id = a.refund_id AND b.version = a.version + 1 \
              LEFT JOIN sim_transitions t ON t.from_state = a.state AND t.to_state = b.state WHERE t.from_state IS NULL \
              UNION ALL SELECT 'the history of refund ' || id(a.refund_id) || ' goes back in time' FROM refund_history a \
              JOIN refund_history b ON b.refund_id = a.refund_id AND b.version = a.version + 1 WHERE micros(b.at) < micros(a.at) \
              UNION ALL SELECT 'the history of refund ' || id(r.id) || ' has gaps' FROM refunds r \
              LEFT JOIN refund_history h ON h.refund_id = r.id GROUP BY r.id, r.version \
              HAVING COUNT(h.version) <> r.version OR MIN(h.version) <> 1 OR MAX(h.version) <> r.version \
              UNION ALL SELECT 'refund ' || id(r.id) || ' is not where its history ends' FROM refunds r \
              JOIN refund_history h ON h.refund_id = r.id AND h.version = r.version WHERE h.state <> r.state \
              UNION ALL SELECT 'refund ' || id(h.refund_id) || ' begins as ' || h.state FROM refund_history h \
              LEFT JOIN sim_beginnings b ON b.state = h.state WHERE h.version = 1 AND b.state IS NULL",
    },
    Invariant {
        name: "I9",
        promise: "merchants are told of every transition once, in numbers without a gap",
        sql: "SELECT 'the notices about ' || id(subject_id) || ' have gaps' AS what FROM notices \
              GROUP BY subject_id HAVING MIN(sequence) <> 1 OR MAX(sequence) <> COUNT(*) \
              UNION ALL SELECT 'refund ' || id(w.id) || ' was ' || w.state || ' and told so another number of times' FROM \
              (SELECT r.id AS id, s.state AS state, s.event AS event FROM refunds r CROSS JOIN sim_notices s) w \
              WHERE (SELECT COUNT(*) FROM refund_history h WHERE h.refund_id = w.id AND h.state = w.state AND COALESCE(h.note, '') NOT IN ('delayed', 'fee_raised', 'claimed_again', 'undelivered')) \
                <> (SELECT COUNT(*) FROM notices n WHERE n.subject_id = w.id AND n.event = w.event) \
              UNION ALL SELECT 'notice ' || id(n.id) || ' was queued ' || COUNT(d.id) || ' times for an endpoint' FROM notices n \
              JOIN webhook_endpoints e ON e.dialect = 'native' AND e.removed_at IS NULL AND micros(e.created_at) <= micros(n.created_at) \
              LEFT JOIN deliveries d ON d.notice_id = n.id AND d.endpoint_id = e.id GROUP BY n.id, e.id HAVING COUNT(d.id) <> 1",
    },
    Invariant {
        name: "I10",
        promise: "what counts as delivered arrived, signed and in order, and nothing is given up lightly",
        sql: "SELECT 'delivery ' || id(d.id) || ' counts as made, and did not arrive' AS what FROM deliveries d \
              WHERE d.state = 'delivered' AND NOT EXISTS (SELECT 1 FROM sim_arrivals a \
                WHERE a.notice_id = d.notice_id AND a.endpoint_id = d.endpoint_id AND a.is_accepted = 1) \
              UNION ALL SELECT 'an arrival at ' || id(endpoint_id) || ' is not signed' FROM sim_arrivals WHERE is_signed = 0 \
              UNION ALL SELECT 'number ' || b.sequence || ' about ' || id(b.subject_id) || ' arrived before ' || a.sequence FROM \
              (SELECT endpoint_id, subject_id, sequence, MIN(position) AS first FROM sim_arrivals WHERE is_accepted = 1 \
                GROUP BY endpoint_id, subject_id, sequence) a \
              JOIN (SELECT endpoint_id, subject_id, sequence, MIN(position) AS first FROM sim_arrivals WHERE is_accepted = 1 \
                GROUP BY endpoint_id, subject_id, sequence) b \
              ON b.endpoint_id = a.endpoint_id AND b.subject_id = a.subject_id AND b.sequence > a.sequence AND b.first < a.first \
              UNION ALL SELECT 'delivery ' || id(d.id) || ' was given up after ' || d.attempts || ' tries' FROM deliveries d \
              JOIN notices n ON n.id = d.notice_id JOIN webhook_endpoints e ON e.id = d.endpoint_id \
              WHERE d.state = 'given_up' AND e.removed_at IS NULL AND d.attempts < 3 \
                AND micros(d.attempted_at) - micros(n.created_at) < 86400000000",
    },
    Invariant {
        name: "I11",
        promise: "no more is promised back than came in, and what came in is on the chain, once, or is looked at again",
        sql: "SELECT 'invoice ' || id(i.id) || ' promises back more than came in' AS what FROM invoices i WHERE \
              (SELECT COALESCE(SUM(units(r.amount)), 0) FROM refunds r WHERE r.invoice_id = i.id AND r.state NOT IN ('expired', 'canceled', 'declined')) \
              > (SELECT COALESCE(SUM(units(d.amount)), 0) FROM deposits d WHERE d.invoice_id = i.id AND d.state IN ('final', 'orphaned')) \
              UNION ALL SELECT 'the cap of invoice ' || id(c.invoice_id) || ' is not what came in and was promised' FROM invoice_caps c WHERE \
              units(c.committed) <> (SELECT COALESCE(SUM(units(r.amount)), 0) FROM refunds r \
                WHERE r.invoice_id = c.invoice_id AND r.state NOT IN ('expired', 'canceled', 'declined')) \
              OR units(c.paid) <> (SELECT COALESCE(SUM(units(d.amount)), 0) FROM deposits d \
                WHERE d.invoice_id = c.invoice_id AND d.state IN ('final', 'orphaned')) \
              UNION ALL SELECT 'deposit ' || d.external_id || ' is in the books and not on the chain' FROM deposits d \
              LEFT JOIN sim_deposits s ON s.txid = d.txid AND s.is_mined = 1 \
              WHERE d.state = 'final' AND (s.txid IS NULL OR s.amount <> units(d.amount) OR s.asset <> d.asset) \
                AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.kind = 'recheck_deposit' AND j.subject_id = d.id) \
              UNION ALL SELECT 'deposit ' || txid || ' is in the books ' || COUNT(*) || ' times' FROM deposits \
              WHERE state = 'final' GROUP BY txid HAVING COUNT(*) > 1",
    },
    Invariant {
        name: "I12",
        promise: "no money of a refund moves without a line of history at that moment, and the audit log has each; its chain is walked besides",
        sql: "SELECT 'entry ' || e.key || ' has no line of history' AS what FROM ledger_entries e \
              LEFT JOIN refund_history h ON h.refund_id = e.refund_id AND h.at = e.at \
              WHERE e.refund_id IS NOT NULL AND h.refund_id IS NULL \
              UNION ALL SELECT 'a line of history of refund ' || id(refund_id) || ' names nobody' FROM refund_history WHERE actor = '' \
              UNION ALL SELECT 'refund ' || id(r.id) || ' changed another number of times than the audit log says' FROM refunds r \
              JOIN mids m ON m.id = r.mid_id WHERE (SELECT COUNT(*) FROM refund_history h WHERE h.refund_id = r.id) <> (SELECT COUNT(*) \
                FROM audit_log a WHERE a.merchant_id = m.merchant_id AND a.subject_id = r.id AND a.action LIKE 'refund.%')",
    },
    Invariant {
        name: "I13",
        promise: "what is held, owed and under way is what invoices, refunds and payouts say",
        sql: "SELECT 'owed to payers in ' || asset || ' is off by ' || SUM(x) AS what FROM ( \
                SELECT asset, units(credits) - units(debits) AS x FROM balances WHERE account = 'refund_payable' \
                UNION ALL SELECT asset, -units(amount) FROM refunds \
                  WHERE is_reserved AND state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'payout_failed') \
              ) owed GROUP BY asset HAVING SUM(x) <> 0 \
              UNION ALL SELECT 'under way in ' || asset || ' is off by ' || SUM(x) FROM ( \
                SELECT asset, units(credits) - units(debits) AS x FROM balances WHERE account = 'payout_in_flight' \
                UNION ALL SELECT p.asset, -units(p.net) FROM payouts p JOIN refunds r ON r.payout_id = p.id WHERE r.state = 'sending' \
                UNION ALL SELECT p.asset, -units(p.fee) FROM payouts p JOIN refunds r ON r.payout_id = p.id \
                  WHERE r.state = 'sending' AND p.fee_is_in_kind \
              ) in_flight GROUP BY asset HAVING SUM(x) <> 0 \
              UNION ALL SELECT 'held of invoice ' || id(invoice) || ' is off by ' || SUM(x) FROM ( \
                SELECT invoice_id AS invoice, units(credits) - units(debits) AS x FROM balances WHERE account = 'holding' \
                UNION ALL SELECT invoice_id, -units(amount) FROM deposits WHERE state = 'final' AND NOT is_judged \
                UNION ALL SELECT invoice_id, -units(amount) FROM refunds WHERE state = 'canceled' AND funding = 'holding' \
              ) held WHERE NOT EXISTS (SELECT 1 FROM deposits o WHERE o.invoice_id = invoice AND o.state = 'orphaned') \
              GROUP BY invoice HAVING SUM(x) <> 0",
    },
    Invariant {
        name: "I14",
        promise: "what a caller was told is true",
        sql: "SELECT 'an invoice that was confirmed to its maker is not there: ' || id(a.subject_id) AS what FROM sim_told a \
              LEFT JOIN invoices i ON i.id = a.subject_id WHERE a.what = 'invoice' AND i.id IS NULL \
              UNION ALL SELECT 'a confirmed address is not in the claim of refund ' || id(a.subject_id) FROM sim_told a \
              WHERE a.what = 'claimed' AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.refund_id = a.subject_id AND c.address = a.detail) \
              UNION ALL SELECT 'refund ' || id(a.subject_id) || ' was never ' || a.detail || ', and its caller was told so' FROM sim_told a \
              WHERE a.what = 'state' AND NOT EXISTS \
                (SELECT 1 FROM refund_history h WHERE h.refund_id = a.subject_id AND h.state = a.detail) \
              UNION ALL SELECT 'the whole address of refund ' || id(a.subject_id) || ' was shown to a stranger' FROM sim_told a \
              WHERE a.what = 'stranger'",
    },
    Invariant {
        name: "I15",
        promise: "who is to be told is written to; a mail that is called sent was taken, and none was taken that nobody was to get",
        sql: "SELECT 'mail ' || id(e.id) || ' is called sent and was never taken' AS what FROM emails e \
              WHERE e.state = 'sent' AND NOT EXISTS (SELECT 1 FROM sim_mails s WHERE s.email_id = e.id) \
              UNION ALL SELECT 'a mail to ' || s.recipient || ' was taken that no row is about' FROM sim_mails s \
              LEFT JOIN emails e ON e.id = s.email_id AND e.recipient = s.recipient WHERE e.id IS NULL \
              UNION ALL SELECT 'nobody is written to of ' || n.event || ' of refund ' || id(r.id) FROM notices n JOIN refunds r ON r.id = n.subject_id \
              JOIN invoices i ON i.id = r.invoice_id WHERE i.payer_email IS NOT NULL \
                AND n.event IN ('refund.claim_available', 'refund.claimed', 'refund.sending', 'refund.paid', 'refund.expired') \
                AND NOT EXISTS (SELECT 1 FROM emails e WHERE e.refund_id = r.id AND e.kind = CASE n.event \
                  WHEN 'refund.claim_available' THEN 'claim' WHEN 'refund.claimed' THEN 'scheduled' WHEN 'refund.sending' THEN 'sent' \
                  WHEN 'refund.paid' THEN 'arrived' ELSE 'expired' END)",
    },
    Invariant {
        name: "I16",
        promise: "above the policy's band whoever claims read the payer's mails or, where none reaches them, a person lets the refund go first; \
                  a code is given once, within five tries, after the payer had it",
        sql: concat!(
            "SELECT 'refund ' || id(r.id) || ' was claimed by its link alone' AS what ",
            above_the_band!("c.confirmed_at IS NOT NULL"),
            " AND c.verified_by = 'link' AND i.payer_email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM emails e WHERE e.refund_id = r.id \
                AND e.recipient = i.payer_email AND e.state IN ('refused', 'given_up', 'bounced') AND micros(e.attempted_at) <= micros(c.confirmed_at)) \
              UNION ALL SELECT 'refund ' || id(r.id) || ' was sent to whoever held its link, and nobody looked' ",
            above_the_band!("c.verified_by = 'link'"),
            " AND EXISTS (SELECT 1 FROM payouts p WHERE p.refund_id = r.id AND p.address = c.address AND micros(p.created_at) >= micros(c.confirmed_at) \
                AND NOT EXISTS (SELECT 1 FROM refund_history h WHERE h.refund_id = r.id AND h.note = 'released' AND h.actor LIKE 'user:%' \
                  AND micros(h.at) >= micros(c.confirmed_at) AND micros(h.at) <= micros(p.created_at))) AND c.state = 'confirmed' \
              UNION ALL SELECT 'refund ' || id(c.refund_id) || ' was proven by no code that its payer had' FROM claims c \
              WHERE c.verified_by = 'email_code' AND c.confirmed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM claim_codes k \
                JOIN emails e ON e.claim_id = c.id AND e.kind = 'code' JOIN sim_mails t ON t.email_id = e.id \
                WHERE k.claim_id = c.id AND k.given_at = c.confirmed_at AND k.tries BETWEEN 1 AND 5 AND t.micros >= micros(k.sent_at) \
                  AND t.micros <= micros(k.given_at) AND micros(k.given_at) < micros(k.sent_at) + 600000000 \
                  AND k.number = (SELECT MAX(l.number) FROM claim_codes l WHERE l.claim_id = c.id)) \
              UNION ALL SELECT 'claim ' || id(claim_id) || ' was sent ' || COUNT(*) || ' codes' FROM claim_codes GROUP BY claim_id HAVING COUNT(*) > 20 \
              UNION ALL SELECT 'a code of refund ' || id(refund_id) || ' went to another than its payer' FROM emails e WHERE e.kind = 'code' \
                AND NOT EXISTS (SELECT 1 FROM refunds r JOIN invoices i ON i.id = r.invoice_id WHERE r.id = e.refund_id AND i.payer_email = e.recipient)",
        ),
    },
];

/// What must be true besides once everything is well again and had its time.
pub const AT_REST: &[Invariant] = &[
    Invariant {
        name: "R1",
        promise: "what the books call custody is what is on the chain",
        sql: "SELECT 'custody in ' || asset || ' is off by ' || SUM(x) AS what FROM ( \
                SELECT asset, units(debits) - units(credits) AS x FROM balances WHERE account = 'custody' \
                UNION ALL SELECT s.asset, -s.amount FROM sim_deposits s JOIN deposits d ON d.txid = s.txid AND d.state = 'final' WHERE s.is_mined = 1 \
                UNION ALL SELECT asset, amount FROM sim_transfers WHERE is_mined = 1 AND succeeded = 1 \
                UNION ALL SELECT asset, spent FROM sim_transfers WHERE is_mined = 1 \
              ) custody GROUP BY asset HAVING SUM(x) <> 0",
    },
    Invariant {
        name: "R5",
        promise: "every payment on an address that is watched is in the books",
        sql: "SELECT 'the payment ' || s.txid || ' is on the chain and not in the books' AS what FROM sim_now, sim_deposits s \
              JOIN invoices i ON i.address = s.address \
              WHERE s.is_mined = 1 AND s.amount > 0 AND micros(i.expires_at) > sim_now.micros - 7776000000000 \
                AND NOT EXISTS (SELECT 1 FROM deposits d WHERE d.txid = s.txid AND d.state = 'final')",
    },
    Invariant {
        name: "R7",
        promise: "of a payment that vanished nothing is offered or about to be sent, and its books are taken back",
        sql: "SELECT 'invoice ' || id(i.id) || ' still promises money that vanished' AS what FROM invoices i WHERE \
              EXISTS (SELECT 1 FROM deposits o WHERE o.invoice_id = i.id AND o.state = 'orphaned') AND \
              (SELECT COALESCE(SUM(units(r.amount)), 0) FROM refunds r WHERE r.invoice_id = i.id \
                AND r.state IN ('awaiting_approval', 'awaiting_claim', 'scheduled', 'on_hold', 'payout_failed')) \
              > (SELECT COALESCE(SUM(units(d.amount)), 0) FROM deposits d WHERE d.invoice_id = i.id AND d.state = 'final') \
              UNION ALL SELECT 'deposit ' || id(d.id) || ' is ' || d.state || ' and its books say otherwise' FROM deposits d WHERE \
              (SELECT COUNT(*) FROM ledger_entries e WHERE e.deposit_id = d.id AND e.kind = 'deposit_orphaned') \
              - (SELECT COUNT(*) FROM ledger_entries e WHERE e.deposit_id = d.id AND e.kind = 'deposit_restored') \
              <> (CASE WHEN d.state = 'orphaned' THEN 1 ELSE 0 END)",
    },
    Invariant {
        name: "R2",
        promise: "no payout is left half done",
        sql: "SELECT 'payout ' || id(id) || ' is still ' || state AS what FROM payouts WHERE state NOT IN ('final', 'failed')",
    },
    Invariant {
        name: "R3",
        promise: "every webhook arrived or was given up after days of trying",
        sql: "SELECT 'delivery ' || id(id) || ' is still pending after ' || attempts || ' tries' AS what FROM deliveries WHERE state = 'pending'",
    },
    Invariant {
        name: "R6",
        promise: "every mail was taken, or refused for good, or is not needed any more",
        sql: "SELECT 'mail ' || id(id) || ' still waits after ' || attempts || ' tries' AS what FROM emails WHERE state = 'queued'",
    },
    Invariant {
        name: "R4",
        promise: "no job is left behind",
        sql: "SELECT 'the job ' || kind || ' of ' || id(subject_id) || ' is overdue' AS what FROM jobs, sim_now \
              WHERE micros(due_at) < sim_now.micros - 3600000000",
    },
];

/// How one database spells what the texts above leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Dialect {
    /// Returns a text as this database wants it.
    #[must_use]
    pub fn spell(self, sql: &str) -> String {
        let mut spelled = sql.replace("nil()", self.nil());
        for (word, before, after) in self.words() {
            spelled = replace_calls(&spelled, word, before, after);
        }
        spelled
    }

    const fn nil(self) -> &'static str {
        match self {
            Self::Sqlite => "X'00000000000000000000000000000000'",
            Self::Postgres => "'00000000-0000-0000-0000-000000000000'::uuid",
        }
    }

    const fn words(self) -> [(&'static str, &'static str, &'static str); 3] {
        match self {
            Self::Sqlite => [("units(", "CAST(", " AS INTEGER)"), ("micros(", "(", ")"), (" id(", " lower(hex(", "))")],
            Self::Postgres => {
                [("units(", "(", ")"), ("micros(", "(EXTRACT(EPOCH FROM ", ") * 1000000)::bigint"), (" id(", " (", ")::text")]
            }
        }
    }
}

/// Replaces `word` and the parenthesis that closes it; what is between them has none.
fn replace_calls(sql: &str, word: &str, before: &str, after: &str) -> String {
    let mut parts = sql.split(word);
    let mut spelled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once(')').unwrap_or((part, ""));
        spelled.push_str(before);
        spelled.push_str(inside);
        spelled.push_str(after);
        spelled.push_str(rest);
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_gets_its_own_spelling() {
        let sql = "SELECT 'x ' || id(a.id) FROM t WHERE units(a.amount) + units(b) > 1 AND micros(at) = 2 AND mid = nil()";
        assert_eq!(
            Dialect::Sqlite.spell(sql),
            "SELECT 'x ' || lower(hex(a.id)) FROM t WHERE CAST(a.amount AS INTEGER) + CAST(b AS INTEGER) > 1 AND (at) = 2 \
             AND mid = X'00000000000000000000000000000000'"
        );
        assert!(Dialect::Postgres.spell(sql).contains("(EXTRACT(EPOCH FROM at) * 1000000)::bigint = 2"));
    }

    #[test]
    fn every_invariant_of_the_list_is_there_once() {
        let names: Vec<String> = (0..=16).map(|number| format!("I{number}")).collect();
        assert_eq!(ALWAYS.iter().map(|invariant| invariant.name.to_owned()).collect::<Vec<_>>(), names);
    }
}
