//! Sixty-four people have the same claim link and confirm at the same moment.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::Value;

use crate::addresses::tron_address;
use crate::on_both_databases;
use crate::server::{TestServer, text, token};

on_both_databases!(one_of_sixty_four_confirmations_wins);

async fn one_of_sixty_four_confirmations_wins(server: TestServer) {
    let server = Arc::new(server);
    let refund = server.overpaid("HA-20418").await;
    let token = token(&refund);
    let attempts: Vec<_> = (0..64)
        .map(|index| {
            let (server, token) = (Arc::clone(&server), token.clone());
            tokio::spawn(async move {
                let response = server.confirm(&token, &tron_address(index)).await;
                (response.status(), response.json::<Value>().await.expect("JSON"), index)
            })
        })
        .collect();
    let (mut winners, mut losers) = (Vec::new(), Vec::new());
    for attempt in attempts {
        let (status, body, index) = attempt.await.expect("an answer");
        match status {
            StatusCode::OK => winners.push(index),
            StatusCode::CONFLICT => losers.push(body),
            other => panic!("{other}: {body}"),
        }
    }
    assert_eq!((winners.len(), losers.len()), (1, 63));

    let refund = server.get(&format!("/refunds/{}", text(&refund["id"]))).await;
    let winner = tron_address(winners[0]);
    assert_eq!(refund["state"], "scheduled");
    assert_eq!(refund["destination"]["address"], winner);
    for body in losers {
        let masked = text(&body["destination"]);
        assert_eq!(body["code"], "conflict");
        let (start, end) = masked.split_once('…').unwrap_or_else(|| panic!("{masked} is not masked"));
        assert!(winner.starts_with(start) && winner.ends_with(end) && start.len() < 8 && end.len() < 8, "{masked}");
    }
    assert!(server.engine.verify_ledger().await.expect("a proof").ok);
}
