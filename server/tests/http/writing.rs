//! How a MID's merchant and payers are written to.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::on_both_databases;
use crate::server::TestServer;

on_both_databases!(a_mid_says_how_people_are_written_to, what_is_no_address_is_refused);

async fn put(server: &TestServer, body: Value) -> (StatusCode, Value) {
    server.call(Method::PUT, &format!("/mids/{}/writing", server.mid.0), Some(&body)).await
}

async fn a_mid_says_how_people_are_written_to(mut server: TestServer) {
    let writing = json!({ "alert_email": "alerts@halden.example", "support_email": "help@halden.example", "language": "ar" });
    let (status, mid) = put(&server, writing.clone()).await;
    assert_eq!(status, StatusCode::OK, "{mid}");
    for (field, value) in writing.as_object().expect("an object") {
        assert_eq!(&mid[field], value);
    }
    assert_eq!(mid["writes_email"], false, "this server has no mail server");
    let (_, mid) = put(&server, json!({ "alert_email": "alerts@halden.example" })).await;
    assert_eq!(
        (&mid["alert_email"], &mid["support_email"], &mid["language"]),
        (&json!("alerts@halden.example"), &Value::Null, &Value::Null)
    );
    assert_eq!(server.get("/mids").await["data"][0], mid);

    server.key = server.engine.add_key(server.mid, false).await.expect("a key").secret;
    assert_eq!(put(&server, json!({})).await.0, StatusCode::FORBIDDEN);
}

async fn what_is_no_address_is_refused(server: TestServer) {
    for address in ["halden", "a@halden.example, b@halden.example", "a@halden.example\r\nBcc: thief@example.com", "Mira <a@halden.example>"]
    {
        for field in ["alert_email", "support_email"] {
            let (status, problem) = put(&server, json!({ field: address })).await;
            assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{address:?}");
        }
    }
    let (status, problem) = put(&server, json!({ "language": "tlh" })).await;
    assert_eq!((status, &problem["errors"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("language")));
}
