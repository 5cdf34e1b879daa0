//! Checking a receipt: anybody may.

use domain::claim::FieldErrors;
use leptos::prelude::*;

use crate::reply::{Submitted, form_again};

/// Shows the page again with what became of it. A POST, because a receipt names an address: it must not land in a URL.
#[server(prefix = "/fn", endpoint = "check_receipt")]
pub async fn check_receipt(
    /// The file's content.
    #[server(default)]
    receipt: String,
) -> Result<(), ServerFnError> {
    form_again("/receipt".to_owned(), Submitted { values: vec![("receipt", receipt)], errors: FieldErrors::default() });
    Ok(())
}
