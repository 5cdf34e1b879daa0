//! Statements over HTTP, as JSON and as comma-separated values.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::on_both_databases;
use crate::server::{TestServer, text};

on_both_databases!(
    a_statement_ends_at_the_balances,
    a_spreadsheet_gets_every_movement_and_no_formula,
    a_statement_says_what_is_wrong_with_its_period,
);

async fn a_statement_ends_at_the_balances(server: TestServer) {
    server.overpaid("HA-1").await;
    let statement = server.get(&format!("/statements?mid={}&from=2020-01-01", server.mid)).await;
    let lines: Vec<&Value> =
        ["accounts", "fees", "residuals"].iter().flat_map(|section| statement[section].as_array().expect("lines")).collect();
    let closing = |account: &str| lines.iter().find(|line| line["account"] == account).map(|line| text(&line["closing"]).to_owned());
    assert_eq!(closing("merchant_available").as_deref(), Some("101.102104"));
    assert_eq!(closing("refund_payable").as_deref(), Some("48.897896"));
    assert_eq!(closing("holding").as_deref(), Some("0.000000"));
    assert_eq!(lines.iter().map(|line| text(&line["opening"])).collect::<Vec<_>>(), ["0.000000"; 4]);
    let numbers: Vec<&str> = statement["movements"].as_array().expect("a list").iter().map(|movement| text(&movement["number"])).collect();
    assert_eq!(numbers, ["P02", "P02", "P03", "P04", "P03", "P04"], "{statement}");
}

async fn a_spreadsheet_gets_every_movement_and_no_formula(server: TestServer) {
    server.overpaid("=1+1").await;
    let path = format!("?mid={}&from=2020-01-01", server.mid);
    let asked = server.api(Method::GET, &format!("/statements{path}")).header("accept", "text/csv, application/json;q=0.5");
    let response = asked.send().await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
    assert!(kind.starts_with("text/csv"), "{kind}");
    let asked_by_name = response.text().await.expect("text");
    let named = server.api(Method::GET, &format!("/statements.csv{path}")).send().await.expect("an answer").text().await.expect("text");
    let lines: Vec<&str> = named.trim_end_matches("\r\n").split("\r\n").collect();
    assert_eq!(asked_by_name.lines().count(), lines.len());
    assert!(lines[0].starts_with("line,asset,account,at,"), "{}", lines[0]);
    assert!(lines.iter().all(|line| line.split(',').count() == 15), "{named}");
    let of = |line: &str| lines.iter().filter(|found| found.starts_with(line)).count();
    assert_eq!((of("opening,"), of("movement,"), of("closing,")), (4, 6, 4), "{named}");
    assert!(lines.iter().any(|line| line.starts_with("closing,USDT-TRON,custody,") && line.ends_with(",150.000000,0.000000,150.000000")));
    assert!(named.contains(",\"'=1+1\",") && !named.contains(",=1+1"), "{named}");
}

async fn a_statement_says_what_is_wrong_with_its_period(server: TestServer) {
    let mid = server.mid;
    let cases = [
        (format!("mid={mid}"), "from"),
        (format!("mid={mid}&from=soon"), "from"),
        (format!("mid={mid}&from=2020-01-01&to=1"), "to"),
        (format!("mid={mid}&from=2020-02-01&to=2020-01-01"), "from"),
        (format!("mid={mid}&from=2020-01-01&until=2021-01-01"), "until"),
    ];
    for (query, field) in cases {
        for path in ["/statements", "/statements.csv"] {
            let (status, problem) = server.call(Method::GET, &format!("{path}?{query}"), None).await;
            assert_eq!((status, text(&problem["errors"][0]["field"])), (StatusCode::UNPROCESSABLE_ENTITY, field), "{query}");
        }
    }
    let (_, other) = server.engine.add_mid("Somebody Else", "Shop", None).await.expect("a MID");
    let (status, _) = server.call(Method::GET, &format!("/statements?mid={other}&from=2020-01-01"), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
