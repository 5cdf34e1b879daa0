//! The snippets of `/docs/clients`, run as they are shown.

use std::collections::BTreeSet;
use std::process::Command;

use reqwest::{Method, StatusCode};
use serde_json::Value;
use server::problem::escape;
use server::snippets::{GENERATORS, LANGUAGES, Language};

use crate::document::DOCUMENT;
use crate::server::{TestServer, text};

/// Returns what runs a snippet: a program and the flag that takes it.
fn interpreter(language: &Language) -> [&'static str; 3] {
    match language.ending {
        "sh" => ["sh", "-eu", "-c"],
        "mjs" => ["node", "--input-type=module", "--eval"],
        "py" => ["python3", "-I", "-c"],
        other => panic!("nothing runs .{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_snippet_runs() {
    let server = TestServer::on_sqlite().await;
    // Paid too much, so that there is a refund; and paid exactly, so that the merchant has money to give back.
    let refund = server.overpaid("HA-1").await;
    let paid = server.invoice("HA-2").await;
    server.pay(&paid, "101.102104", None).await;
    let merchant = text(&server.get("/mids").await["data"][0]["merchant"]).to_owned();
    let of_merchant = server.engine.add_merchant_key(merchant.parse().expect("an id"), true).await.expect("a key").secret;
    let of_operator = server.engine.add_operator_key().await.expect("a key").secret;
    for language in &LANGUAGES {
        let [program, flag, text_flag] = interpreter(language);
        for (resource, snippet) in &language.snippets {
            let key = match *resource {
                "Merchants" => &of_merchant,
                "Reconciliations" => &of_operator,
                _ => &server.key,
            };
            let source = format!("{}\n{snippet}", language.prelude);
            let mut command = Command::new(program);
            command.args([flag, text_flag, &source]).env("API", format!("{}/api/v1", server.url)).env("KEY", key);
            command
                .env("MERCHANT", &merchant)
                .env("MID", server.mid.0.to_string())
                .env("INVOICE", text(&paid["id"]))
                .env("REFUND", text(&refund["id"]));
            let output = tokio::task::spawn_blocking(move || command.output()).await.expect("it ran").expect("the program is there");
            let (printed, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && !printed.is_empty(), "{resource} in {}: {printed} {errors}", language.name);
        }
    }
    let invoices: Value = server.get("/invoices?status=pending").await;
    assert_eq!(invoices["data"].as_array().map(Vec::len), Some(LANGUAGES.len()), "each language has made one: {invoices}");
}

/// Each resource of the document has a snippet in each language.
#[test]
fn every_resource_has_its_snippets() {
    let operations = DOCUMENT["paths"].as_object().expect("paths").values().flat_map(|path| path.as_object().into_iter().flatten());
    let resources: BTreeSet<&str> = operations.filter_map(|(_, operation)| operation["tags"][0].as_str()).collect();
    for language in &LANGUAGES {
        let shown: BTreeSet<&str> = language.snippets.iter().map(|(resource, _)| *resource).collect();
        assert_eq!(shown, resources, "{}", language.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_every_snippet_and_loads_nothing_foreign() {
    let server = TestServer::on_sqlite().await;
    let response = server.anonymous(Method::GET, "/docs/clients").send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let page = response.text().await.expect("text");
    let snippets = LANGUAGES.iter().flat_map(|language| language.snippets.iter().map(|(_, snippet)| *snippet).chain([language.prelude]));
    for snippet in snippets.chain([GENERATORS]) {
        assert!(page.contains(&escape(snippet.trim_end())), "{snippet} is missing");
    }
    assert!(!page.contains("<script") && !page.contains("src="), "{page}");
}
