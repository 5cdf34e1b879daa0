//! Snippets: how each resource is asked from a shell, from JavaScript and from Python. `/docs/clients` shows the files that the tests run.

use std::fmt::Write;

use axum::response::IntoResponse;

use crate::openapi::reference::page;
use crate::problem::escape;

/// A language that snippets are written in.
pub struct Language {
    /// Its name, for people.
    pub name: &'static str,
    /// What its files end in.
    pub ending: &'static str,
    /// What stands before each snippet.
    pub prelude: &'static str,
    /// The snippets, by resource.
    pub snippets: [(&'static str, &'static str); 13],
}

macro_rules! language {
    ($name:literal, $ending:literal) => {
        Language {
            name: $name,
            ending: $ending,
            prelude: include_str!(concat!("../docs/snippets/prelude.", $ending)),
            snippets: [
                ("Invoices", include_str!(concat!("../docs/snippets/invoices.", $ending))),
                ("Deposits", include_str!(concat!("../docs/snippets/deposits.", $ending))),
                ("Refunds", include_str!(concat!("../docs/snippets/refunds.", $ending))),
                ("Sources", include_str!(concat!("../docs/snippets/sources.", $ending))),
                ("MIDs", include_str!(concat!("../docs/snippets/mids.", $ending))),
                ("Merchants", include_str!(concat!("../docs/snippets/merchants.", $ending))),
                ("Policies", include_str!(concat!("../docs/snippets/policies.", $ending))),
                ("Books", include_str!(concat!("../docs/snippets/books.", $ending))),
                ("Statements", include_str!(concat!("../docs/snippets/statements.", $ending))),
                ("Reconciliations", include_str!(concat!("../docs/snippets/reconciliations.", $ending))),
                ("Webhooks", include_str!(concat!("../docs/snippets/webhooks.", $ending))),
                ("Events", include_str!(concat!("../docs/snippets/events.", $ending))),
                ("Sandbox", include_str!(concat!("../docs/snippets/sandbox.", $ending))),
            ],
        }
    };
}

/// All of them.
pub const LANGUAGES: [Language; 3] = [language!("curl", "sh"), language!("JavaScript", "mjs"), language!("Python", "py")];

/// How a library is made: the commands, with a comment above each.
pub const GENERATORS: &str = include_str!("../docs/snippets/generate.txt");

/// How a webhook is verified, as a test does it.
const VERIFY: &str = include_str!("../../end2end/clients/verify_webhook.py");

/// Serves the page.
pub async fn show() -> impl IntoResponse {
    let mut body = String::from(
        "<p>The <a href=\"/api/v1/openapi.json\">OpenAPI document</a> says all that a library needs to know: generators make one from it, \
         so that none has to be written by hand. What each field means says the <a href=\"/docs/api\">reference</a>.</p>\
         <section><h2>Make a library</h2>",
    );
    let code = |body: &mut String, text: &str| {
        let _ = write!(body, "<pre tabindex=0><code>{}</code></pre>", escape(text.trim_end()));
    };
    code(&mut body, GENERATORS);
    body.push_str("</section><section><h2>Without a library</h2><p>This stands before each of the snippets below.</p>");
    for Language { name, prelude, .. } in &LANGUAGES {
        let _ = write!(body, "<h3>{name}</h3>");
        code(&mut body, prelude);
    }
    body.push_str("</section>");
    for (index, (resource, _)) in LANGUAGES[0].snippets.iter().enumerate() {
        let _ = write!(body, "<section><h2>{resource}</h2>");
        for Language { name, snippets, .. } in &LANGUAGES {
            let _ = write!(body, "<h3>{name}</h3>");
            code(&mut body, snippets[index].1);
        }
        body.push_str("</section>");
    }
    body.push_str(
        "<section><h2>Verify a webhook</h2><p>Webhooks are signed as <a href=\"https://www.standardwebhooks.com\">Standard Webhooks</a> says, \
         whose libraries verify them: <code>standardwebhooks</code> of npm and PyPI, and others. The secret is told once, when the endpoint is \
         made. Verify the body as it came, before it is parsed, and answer 200 within ten seconds.</p>",
    );
    code(&mut body, VERIFY);
    body.push_str("</section>");
    page("Clients", &body)
}
