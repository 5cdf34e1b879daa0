//! BitPay's dialect: pairing, signatures, refunds field for field (BP-01 to BP-15) and error codes. That the official client gets along
//! with it is end2end/bitpay.spec.mjs'.

use k256::ecdsa::signature::Signer as _;
use k256::ecdsa::{Signature, SigningKey};
use reqwest::{Method, StatusCode};
use ripemd::Ripemd160;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};
use crate::sink::Sink;

on_both_databases!(
    a_refund_is_told_field_for_field,
    a_preview_is_confirmed_or_taken_back,
    the_same_guid_is_the_same_refund,
    payers_refunds_have_their_own_types,
    only_the_paired_program_is_let_in,
    each_refusal_has_its_code,
    an_invoice_is_made_and_read,
    webhooks_say_what_a_receiver_would_read,
);

/// A merchant's program: its key pair, and the token it was given.
struct Program<'s> {
    server: &'s TestServer,
    keys: SigningKey,
    token: String,
}

impl<'s> Program<'s> {
    fn unpaired(server: &'s TestServer, secret: u8) -> Self {
        Self { server, keys: SigningKey::from_slice(&[secret; 32]).expect("a key pair"), token: String::new() }
    }

    async fn paired(server: &'s TestServer, secret: u8) -> Self {
        let mut program = Self::unpaired(server, secret);
        let (status, answer) = program.pair(&server.key, "merchant").await;
        assert_eq!((status, &answer["data"][0]["facade"]), (StatusCode::OK, &json!("merchant")), "{answer}");
        program.token = text(&answer["data"][0]["token"]).to_owned();
        program
    }

    fn identity(&self) -> String {
        hex(self.keys.verifying_key().to_encoded_point(true).as_bytes())
    }

    fn sin(&self) -> String {
        let hash = Ripemd160::digest(Sha256::digest(self.keys.verifying_key().to_encoded_point(true).as_bytes()));
        let payload = [&[0x0f, 0x02], &hash[..]].concat();
        let check = Sha256::digest(Sha256::digest(&payload));
        bs58::encode([payload.as_slice(), &check[..4]].concat()).into_string()
    }

    async fn pair(&self, code: &str, facade: &str) -> (StatusCode, Value) {
        let body = json!({ "id": self.sin(), "pairingCode": code, "facade": facade, "label": "till 4" });
        let request = self.server.anonymous(Method::POST, "/compat/bitpay/tokens").header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    /// Sends a signed request with the token where clients put it.
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let (path, body) = match body {
            Some(mut body) => {
                body["token"] = json!(self.token);
                (format!("/compat/bitpay/{path}"), body.to_string())
            }
            None => {
                let joint = if path.contains('?') { '&' } else { '?' };
                (format!("/compat/bitpay/{path}{joint}token={}", self.token), String::new())
            }
        };
        self.send(method, &path, &body, &format!("{}{path}{body}", self.server.url)).await
    }

    async fn send(&self, method: Method, path: &str, body: &str, signed: &str) -> (StatusCode, Value) {
        let signature: Signature = self.keys.sign(signed.as_bytes());
        let request = self.server.anonymous(method, path).header("content-type", "application/json");
        let request = request.header("x-identity", self.identity()).header("x-signature", hex(signature.to_der().as_bytes()));
        let answer = request.body(body.to_owned()).send().await.expect("an answer");
        let status = answer.status();
        let body = answer.text().await.expect("text");
        (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }

    async fn done(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.call(method.clone(), path, body).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {answer}");
        answer["data"].clone()
    }

    /// Returns the code and the sentence of a refusal.
    async fn refused(&self, method: Method, path: &str, body: Option<Value>) -> (String, String) {
        let (status, answer) = self.call(method, path, body).await;
        assert!(!status.is_success(), "{path}: {answer}");
        assert_eq!((&answer["status"], &answer["data"]), (&json!("error"), &Value::Null), "{answer}");
        (text(&answer["code"]).to_owned(), text(&answer["error"]).to_owned())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Returns a paid invoice of 100.00 USD.
async fn paid(server: &TestServer, reference: &str) -> Value {
    let invoice = server.invoice(reference).await;
    server.pay(&invoice, "101.102104", None).await;
    invoice
}

fn of(invoice: &Value, amount: &str, more: Value) -> Option<Value> {
    let mut body = json!({ "invoiceId": invoice["id"], "amount": serde_json::from_str::<Value>(amount).expect("a number") });
    let Value::Object(more) = more else { panic!("an object") };
    body.as_object_mut().expect("an object").extend(more);
    Some(body)
}

/// BP-01, BP-02, BP-04 to BP-15: a part, from the request to its transaction.
async fn a_refund_is_told_field_for_field(server: TestServer) {
    server.work();
    let program = Program::paired(&server, 1).await;
    at_the_rate_then(&server).await;
    paid(&server, "HA-0").await;
    let invoice = paid(&server, "HA-1").await;
    let endpoint = json!({ "url": "https://shop.example.com/hook", "mid": server.mid.0 });
    server.post("/webhook_endpoints", &endpoint).await;

    let made = program.done(Method::POST, "refunds", of(&invoice, "25.5", json!({ "reference": "order 7", "guid": "g-1" }))).await;
    let refund = server.only_refund(&invoice).await;
    let expected = json!({
        "id": refund["id"], "guid": "g-1", "reference": "order 7", "invoice": invoice["id"], "supportRequest": "REFUND-HA-1",
        "status": "created", "type": "partial", "amount": 25.5, "currency": "USD", "transactionCurrency": "USDT",
        "transactionAmount": 25.781037, "transactionRefundFee": 0, "refundFee": 0, "refundAddress": null, "txid": null,
        "lastRefundNotification": null, "notificationURL": "https://shop.example.com/hook", "immediate": false,
        "buyerPaysRefundFee": false, "preview": false, "requestDate": made["requestDate"], "token": program.token,
    });
    assert_eq!(made, expected);
    assert!(text(&made["requestDate"]).ends_with('Z') && text(&made["requestDate"]).len() == 24, "{made}");

    let path = format!("refunds/{}", text(&made["id"]));
    assert_eq!(program.done(Method::GET, &path, None).await, expected);
    assert_eq!(program.done(Method::GET, "refunds/guid/g-1", None).await, expected);
    let list = program.done(Method::GET, &format!("refunds?invoiceId={}", text(&invoice["id"])), None).await;
    assert_eq!(list, json!([expected]));

    let address = tron_address(1);
    assert!(server.confirm(&token(&refund), &address).await.status().is_success());
    let pending = program.done(Method::GET, &path, None).await;
    assert_eq!((&pending["status"], &pending["refundAddress"]), (&json!("pending"), &json!(address)), "BP-05");
    assert_eq!((&pending["transactionRefundFee"], &pending["refundFee"]), (&json!(1.25), &json!(1.24)), "BP-09, BP-10");
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    let sent = server.until_state(&refund, "paid").await;
    let success = program.done(Method::GET, &path, None).await;
    assert_eq!((&success["status"], &success["txid"]), (&json!("success"), &sent["txid"]), "BP-06");

    // All of it, at once from the ledger, for the buyer's account.
    let whole = paid(&server, "HA-2").await;
    let more = json!({ "immediate": true, "buyerPaysRefundFee": true, "currency": "USD" });
    let all = program.done(Method::POST, "refunds", of(&whole, "\"100.00\"", more)).await;
    assert_eq!((&all["type"], &all["immediate"], &all["buyerPaysRefundFee"]), (&json!("full (fixed rate)"), &json!(true), &json!(true)));
    assert_eq!((&all["amount"], &all["transactionAmount"], all.get("guid")), (&json!(100), &json!(101.102104), None));
    let at_once = format!("refunds/{}", text(&all["id"]));
    let (code, message) = program.refused(Method::DELETE, &at_once, None).await;
    assert_eq!((code.as_str(), message.as_str()), ("040202", "Immediate refunds cannot be canceled outside of preview state"));

    // BP-04: the ticket that led to a refund, where its maker named one.
    let ticket = json!({ "invoice": invoice["id"], "amount": "5.000000", "support_request": "TICKET-77" });
    let ours = server.post("/refunds", &ticket).await;
    assert_eq!(ours["support_request"], "TICKET-77");
    assert_eq!(program.done(Method::GET, &format!("refunds/{}", text(&ours["id"])), None).await["supportRequest"], "TICKET-77");
}

/// Refunds are as many coins as they were paid with, not as many as they cost today.
async fn at_the_rate_then(server: &TestServer) {
    let path = format!("/mids/{}/policy", server.mid.0);
    let (status, answer) = server.call(Method::PUT, &path, Some(&json!({ "rate_rule": "rate_then_fiat" }))).await;
    assert!(status.is_success(), "{answer}");
}

async fn a_preview_is_confirmed_or_taken_back(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    at_the_rate_then(&server).await;
    let invoice = paid(&server, "HA-1").await;
    let preview = async |guid: &str| {
        let body = of(&invoice, "10", json!({ "preview": true, "guid": guid }));
        program.done(Method::POST, "refunds", body).await
    };
    let created = Some(json!({ "status": "created" }));

    let first = preview("g-1").await;
    assert_eq!((&first["status"], &first["preview"], &first["type"]), (&json!("preview"), &json!(true), &Value::Null));
    let fees = (&first["transactionAmount"], &first["transactionRefundFee"], &first["refundFee"]);
    assert_eq!(fees, (&json!(10.110211), &json!(1.25), &json!(1.24)), "the fee is known before");
    assert_eq!(server.get("/refunds").await["data"], json!([]), "nothing was made");
    assert_eq!(program.done(Method::GET, "refunds/guid/g-1", None).await["status"], "preview");

    let confirmed = program.done(Method::PUT, &format!("refunds/{}", text(&first["id"])), created.clone()).await;
    assert_eq!((&confirmed["id"], &confirmed["status"], &confirmed["preview"]), (&first["id"], &json!("created"), &json!(false)));
    assert_eq!(confirmed["guid"], "g-1");
    let again = program.done(Method::PUT, "refunds/guid/g-1", created.clone()).await;
    assert_eq!(again["id"], first["id"], "confirming twice makes it once");
    assert_eq!(preview("g-1").await["id"], first["id"]);
    server.only_refund(&invoice).await;

    // C6: both spellings, and the method.
    for (number, spelling) in ["canceled", "cancelled"].into_iter().enumerate() {
        let guid = format!("g-2{number}");
        preview(&guid).await;
        let path = format!("refunds/guid/{guid}");
        let canceled = program.done(Method::PUT, &path, Some(json!({ "status": spelling }))).await;
        assert_eq!((&canceled["status"], &canceled["preview"]), (&json!("canceled"), &json!(true)));
        let (code, _) = program.refused(Method::PUT, &path, created.clone()).await;
        assert_eq!(code, "030200", "what was taken back is confirmed no more");
    }
    let third = preview("g-3").await;
    let path = format!("refunds/{}", text(&third["id"]));
    for _ in 0..2 {
        assert_eq!(program.done(Method::DELETE, &path, None).await["status"], "canceled");
    }
    let gone = program.done(Method::DELETE, "refunds/guid/g-1", None).await;
    assert_eq!((&gone["status"], &gone["preview"]), (&json!("canceled"), &json!(false)));
    assert_eq!(server.only_refund(&invoice).await["state"], "canceled");

    preview("g-4").await;
    server.post("/sandbox/clock", &json!({ "advance": "PT15M" })).await;
    assert_eq!(program.done(Method::GET, "refunds/guid/g-4", None).await["status"], "canceled", "a quote ends by itself");
}

async fn the_same_guid_is_the_same_refund(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    at_the_rate_then(&server).await;
    let (invoice, other) = (paid(&server, "HA-1").await, paid(&server, "HA-2").await);
    let asked = |amount: &str| of(&invoice, amount, json!({ "guid": "1700000000000" }));
    let together = all_at_once(&program, &asked("10")).await;
    let first = program.done(Method::POST, "refunds", asked("10.00")).await;
    for (status, answer) in together {
        assert_eq!((status, &answer["data"]["id"]), (StatusCode::OK, &first["id"]), "{answer}");
    }
    server.only_refund(&invoice).await;
    for body in [asked("11"), of(&other, "10", json!({ "guid": "1700000000000" }))] {
        let (code, message) = program.refused(Method::POST, "refunds", body).await;
        assert_eq!((code.as_str(), message.contains("guid")), ("010202", true), "{message}");
    }
    // Another MID's program may use the same one.
    let (_, mid) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    let key = server.engine.add_key(mid, true).await.expect("a key").secret;
    let mut foreign = Program::unpaired(&server, 2);
    foreign.token = text(&foreign.pair(&key, "merchant").await.1["data"][0]["token"]).to_owned();
    let (code, _) = foreign.refused(Method::GET, "refunds/guid/1700000000000", None).await;
    assert_eq!(code, "020201");
    for path in [format!("refunds/{}", text(&first["id"])), format!("refunds?invoiceId={}", text(&invoice["id"]))] {
        assert_eq!(foreign.refused(Method::GET, &path, None).await.0, "020201", "{path}");
    }
}

/// Sends one request four times at once.
async fn all_at_once(program: &Program<'_>, body: &Option<Value>) -> [(StatusCode, Value); 4] {
    let send = || program.call(Method::POST, "refunds", body.clone());
    let (first, second, third, fourth) = tokio::join!(send(), send(), send(), send());
    [first, second, third, fourth]
}

/// BP-03: what was paid too much or too little is offered back without anybody asking, and still claimed (C5).
async fn payers_refunds_have_their_own_types(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    let over = server.overpaid("HA-1").await;
    let told = program.done(Method::GET, &format!("refunds/{}", text(&over["id"])), None).await;
    assert_eq!((&told["type"], &told["status"]), (&json!("overpayment"), &json!("created")));
    assert_eq!((&told["amount"], &told["transactionAmount"]), (&json!(48.36), &json!(48.897896)));

    let invoice = server.invoice("HA-2").await;
    server.pay(&invoice, "60.000000", None).await;
    server.work();
    server.post("/sandbox/clock", &json!({ "advance": "PT2H" })).await;
    let path = format!("refunds?invoiceId={}", text(&invoice["id"]));
    let mut list = json!([]);
    for _ in 0..100 {
        list = program.done(Method::GET, &path, None).await;
        if list != json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((&list[0]["type"], &list[0]["transactionAmount"]), (&json!("underpayment"), &json!(60)), "{list}");
}

async fn only_the_paired_program_is_let_in(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    let token = program.token.clone();
    assert_eq!(program.pair(&server.key, "merchant").await.1["data"][0]["token"], token, "pairing twice is pairing once");
    let paths = |token: &str| format!("/compat/bitpay/refunds/guid/g-1?token={token}");
    let known = async |program: &Program<'_>, path: &str, signed: &str| {
        let (status, answer) = program.send(Method::GET, path, "", &format!("{}{signed}", server.url)).await;
        assert_eq!(answer["status"], "error");
        status
    };
    let own = paths(&token);
    assert_eq!(known(&program, &own, &own).await, StatusCode::NOT_FOUND, "let in, and there is no such refund");

    // Another program's signature, a signature over something else, another token, none.
    let thief = Program::unpaired(&server, 2);
    assert_eq!(known(&thief, &own, &own).await, StatusCode::UNAUTHORIZED);
    assert_eq!(known(&program, &own, &own.replace("g-1", "g-2")).await, StatusCode::UNAUTHORIZED);
    for wrong in [paths("x"), paths(&server.key), paths(&token[1..]), paths(&token.replace('_', "-"))] {
        if wrong != own {
            assert_eq!(known(&program, &wrong, &wrong).await, StatusCode::UNAUTHORIZED, "{wrong}");
        }
    }
    let request = server.anonymous(Method::GET, &own).send().await.expect("an answer");
    assert_eq!(request.status(), StatusCode::UNAUTHORIZED, "a token alone");

    // One key, one program.
    let (status, answer) = thief.pair(&server.key, "merchant").await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("010000")), "{answer}");
    for (code, facade) in [("rk_wrong", "merchant"), (server.key.as_str(), "payout")] {
        assert!(!thief.pair(code, facade).await.0.is_success(), "{code} {facade}");
    }

    // A till's token makes and reads invoices, unsigned, and refunds nothing.
    let till = text(&thief.pair(&server.key, "pos").await.1["data"][0]["token"]).to_owned();
    let invoice = server.invoice("HA-1").await;
    let get = async |path: String| {
        let answer = server.anonymous(Method::GET, &format!("/compat/bitpay/{path}?token={till}")).send().await.expect("an answer");
        answer.status()
    };
    assert_eq!(get(format!("invoices/{}", text(&invoice["id"]))).await, StatusCode::OK);
    assert_eq!(get("refunds/guid/g-1".to_owned()).await, StatusCode::UNAUTHORIZED);

    let caller = server.engine.key(&server.key).await.expect("a look-up").expect("the key");
    let domain::merchant::Actor::Key(id) = caller.actor else { panic!("a key") };
    server.engine.revoke_key(&engine::callers::Caller::operator(), id).await.expect("revoked");
    assert_eq!(known(&program, &own, &own).await, StatusCode::UNAUTHORIZED, "the key ended");
    assert_eq!(get(format!("invoices/{}", text(&invoice["id"]))).await, StatusCode::UNAUTHORIZED);
}

async fn each_refusal_has_its_code(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    at_the_rate_then(&server).await;
    let invoice = paid(&server, "HA-1").await;
    let open = server.invoice("HA-2").await;
    let unknown = json!({ "id": "8b03432e-385b-4670-8d06-064591096795" });
    let none = json!({});
    for (body, code) in [
        (of(&unknown, "1", none.clone()), "010201"),
        (of(&json!({ "id": "J3" }), "1", none.clone()), "010201"),
        (Some(json!({ "amount": 1 })), "010203"),
        (Some(json!({ "invoiceId": invoice["id"] })), "010203"),
        (of(&invoice, "-1", none.clone()), "010202"),
        (of(&invoice, "0", none.clone()), "010202"),
        (of(&invoice, "1.001", none.clone()), "010202"),
        (of(&invoice, "100.01", none.clone()), "010202"),
        (of(&invoice, "1", json!({ "currency": "EUR" })), "010202"),
        (of(&invoice, "1", json!({ "preview": "yes" })), "010202"),
        // BP-07.
        (of(&invoice, "1", json!({ "reference": "r".repeat(101) })), "010202"),
        (of(&open, "1", none.clone()), "010207"),
        (of(&invoice, "1", json!({ "buyerPaysRefundFee": true })), "010208"),
    ] {
        assert_eq!(program.refused(Method::POST, "refunds", body.clone()).await.0, code, "{body:?}");
    }
    let whole = paid(&server, "HA-3").await;
    program.done(Method::POST, "refunds", of(&whole, "100", none.clone())).await;
    assert_eq!(program.refused(Method::POST, "refunds", of(&whole, "100", none.clone())).await.0, "010204", "C6: all of it is promised");
    assert_eq!(program.refused(Method::GET, "refunds", None).await.0, "020203");
    assert_eq!(program.refused(Method::GET, "refunds/none", None).await.0, "020201");
    assert_eq!(program.refused(Method::DELETE, "refunds/guid/none", None).await.0, "040201");
    assert_eq!(program.refused(Method::POST, "refunds/none/notifications", Some(none.clone())).await.0, "010201");
    let made = program.done(Method::POST, "refunds", of(&invoice, "10", none.clone())).await;
    let path = format!("refunds/{}", text(&made["id"]));
    assert_eq!(program.refused(Method::PUT, &path, Some(none)).await.0, "030203");
    assert_eq!(program.refused(Method::PUT, &path, Some(json!({ "status": "success" }))).await.0, "030202");
    assert_eq!(server.only_refund(&invoice).await["state"], "awaiting_claim", "nothing of that did anything");

    // BP-11: the buyer is written to again, as the refund says.
    let (status, answer) = program.call(Method::POST, &format!("{path}/notifications"), Some(json!({}))).await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "status": "success", "data": {} })));
    assert!(program.done(Method::GET, &path, None).await["lastRefundNotification"].is_string());
}

async fn an_invoice_is_made_and_read(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    let order = |more: Value| {
        let mut body = json!({
            "price": 100, "currency": "USD", "orderId": "HA-1", "guid": "i-1", "paymentCurrencies": ["USDT-TRON"],
            "buyer": { "email": "mira@example.com" }, "redirectURL": "https://shop.example.com/thanks", "itemDesc": "a speaker",
        });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        Some(body)
    };
    let made = program.done(Method::POST, "invoices", order(json!({}))).await;
    assert_eq!((&made["status"], &made["exceptionStatus"], &made["price"]), (&json!("new"), &json!(false), &json!(100)));
    assert_eq!((&made["orderId"], &made["guid"], &made["itemDesc"]), (&json!("HA-1"), &json!("i-1"), &json!("a speaker")));
    assert_eq!(made["buyerProvidedEmail"], "mira@example.com");
    assert_eq!(program.done(Method::POST, "invoices", order(json!({}))).await["id"], made["id"], "the same guid is the same invoice");

    assert_eq!(program.done(Method::GET, "invoices/guid/i-1", None).await["id"], made["id"]);
    assert_eq!(server.get(&format!("/invoices/{}", text(&made["id"]))).await["guid"], "i-1");
    assert_eq!(program.refused(Method::GET, "invoices/guid/none", None).await.0, "020101");
    let together = json!({ "guid": "i-7", "orderId": "HA-7" });
    let create = || program.call(Method::POST, "invoices", order(together.clone()));
    let (first, second, third, fourth) = tokio::join!(create(), create(), create(), create());
    for (status, answer) in [first, second, third, fourth] {
        let named = program.done(Method::GET, "invoices/guid/i-7", None).await;
        assert_eq!((status, &answer["data"]["id"]), (StatusCode::OK, &named["id"]), "{answer}");
    }
    // Another MID's program may use the same one.
    let (_, mid) = server.engine.add_mid("Other", "Other store", None).await.expect("a MID");
    let key = server.engine.add_key(mid, true).await.expect("a key").secret;
    let mut foreign = Program::unpaired(&server, 2);
    foreign.token = text(&foreign.pair(&key, "merchant").await.1["data"][0]["token"]).to_owned();
    assert_eq!(foreign.refused(Method::GET, "invoices/guid/i-1", None).await.0, "020101");
    assert_ne!(foreign.done(Method::POST, "invoices", order(json!({}))).await["id"], made["id"]);

    let charged = text(&made["paymentDisplayTotals"]["USDT"]).to_owned();
    server.pay(&made, &charged, None).await;
    let paid = program.done(Method::GET, &format!("invoices/{}", text(&made["id"])), None).await;
    assert_eq!((&paid["status"], &paid["displayAmountPaid"]), (&json!("complete"), &json!(charged)));
    assert_eq!((&paid["amountPaid"], &paid["transactions"][0]["txid"].is_string()), (&paid["paymentTotals"]["USDT"], &true));

    // Lists are of whole days, newest first.
    let today = server.engine.now().strftime("%Y-%m-%d").to_string();
    let another = program.done(Method::POST, "invoices", order(json!({ "guid": "i-6", "orderId": "HA-6" }))).await;
    let listed = async |more: &str| {
        let path = format!("invoices?dateStart={today}&dateEnd={today}{more}");
        let list = program.done(Method::GET, &path, None).await;
        list.as_array().expect("a list").iter().map(|invoice| text(&invoice["orderId"]).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, ["HA-6", "HA-7", "HA-1"]);
    assert_eq!(listed("&status=new").await, ["HA-6", "HA-7"]);
    assert_eq!((listed("&guid=i-1").await, listed("&guid=i-1&status=new").await), (vec!["HA-1".to_owned()], Vec::new()));
    assert_eq!(listed("&status=complete").await, ["HA-1"]);
    assert_eq!(listed("&orderId=HA-1").await, ["HA-1"]);
    assert_eq!((listed("&limit=1").await, listed("&limit=1&offset=1").await), (vec!["HA-6".to_owned()], vec!["HA-7".to_owned()]));
    let before = program.done(Method::GET, "invoices?dateStart=2009-01-03&dateEnd=2009-01-04", None).await;
    assert_eq!((before, &another["status"]), (json!([]), &json!("new")));
    assert_eq!(program.refused(Method::GET, "invoices?dateEnd=2009-01-04", None).await.0, "020103");
    assert_eq!(program.refused(Method::GET, "invoices?dateStart=4.1.2009&dateEnd=2009-01-04", None).await.0, "020102");

    for (more, named) in [
        (json!({ "guid": "i-2" }), "orderId"),
        (json!({ "guid": "i-3", "orderId": "HA-3", "paymentCurrencies": [] }), "paymentCurrencies"),
        (json!({ "guid": "i-4", "orderId": "HA-4", "notificationURL": "https://elsewhere.example.com" }), "notificationURL"),
        (json!({ "guid": "i-5", "orderId": "HA-5", "price": "a lot" }), "price"),
    ] {
        let (code, message) = program.refused(Method::POST, "invoices", order(more)).await;
        assert_eq!((code.as_str(), message.contains(named)), ("010102", true), "{message}");
    }
    assert_eq!(program.refused(Method::GET, "invoices/none", None).await.0, "020101");
}

/// BP-12: each status of a refund is told to the URL that it names, in order; what is told is what is read when it is asked again.
async fn webhooks_say_what_a_receiver_would_read(server: TestServer) {
    let program = Program::paired(&server, 1).await;
    let sink = Sink::start().await;
    server.post("/webhook_endpoints", &json!({ "url": sink.url, "dialect": "bitpay", "mid": server.mid.0 })).await;
    server.work();
    let refund = server.overpaid("HA-1").await;
    assert_eq!(server.confirm(&token(&refund), &tron_address(1)).await.status(), StatusCode::OK);
    server.post("/sandbox/clock", &json!({ "advance": "PT72H" })).await;
    server.until_state(&refund, "paid").await;
    let mut told: Vec<Value> = Vec::new();
    for _ in 0..300 {
        told = sink.all().into_iter().map(|(_, body)| serde_json::from_str(&body).expect("JSON")).collect();
        if told.iter().any(|body| body["event"]["name"] == "refund_success") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let events: Vec<&Value> = told.iter().map(|body| &body["event"]).collect();
    let story =
        [json!({ "name": "refund_created" }), json!({ "code": 7002, "name": "refund_pending" }), json!({ "name": "refund_success" })];
    assert_eq!(events, story.iter().collect::<Vec<_>>());
    let read = program.done(Method::GET, &format!("refunds/{}", text(&refund["id"])), None).await;
    let mut last = told.pop().expect("a webhook")["data"].clone();
    assert_eq!((&last["notificationURL"], last.get("token")), (&json!(sink.url), None));
    last["token"] = json!(program.token);
    assert_eq!(last, read);

    // What nobody claims is canceled, and told to have expired (BP3).
    let unclaimed = server.overpaid("HA-2").await;
    server.post("/sandbox/clock", &json!({ "advance": "PT2184H" })).await;
    server.until_state(&unclaimed, "expired").await;
    let is_expired = |(_, body): &(axum::http::HeaderMap, String)| body.contains("\"refund_expired\"");
    for _ in 0..300 {
        if sink.all().iter().any(is_expired) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let (_, body) = sink.all().into_iter().find(is_expired).expect("it was told");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((&body["data"]["id"], &body["data"]["status"]), (&unclaimed["id"], &json!("canceled")));
}
