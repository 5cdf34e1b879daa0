//! A new password for who forgot theirs.

use engine::{Engine, Error};
use leptos::prelude::*;

use super::refusal::{Problem, answer};

/// Mails a link to whoever signs in with an e-mail. Says the same whether anybody does.
#[server(prefix = "/fn", endpoint = "ask_password_reset")]
pub async fn ask_password_reset(
    /// Who.
    #[server(default)]
    email: String,
) -> Result<(), ServerFnError> {
    let (page, asked) = match expect_context::<Engine>().ask_password_reset(&email).await {
        Ok(()) => ("/reset?asked=yes", Ok(())),
        // The page says what to do instead.
        Err(Error::EmailOff) => ("/reset", Ok(())),
        Err(error) => ("/reset", Err(Problem::from(error))),
    };
    answer(page.to_owned(), vec![("email", email)], asked);
    Ok(())
}

/// Sets a new password by a mailed link. All sessions end.
#[server(prefix = "/fn", endpoint = "set_forgotten_password")]
pub async fn set_forgotten_password(
    /// The link's secret.
    #[server(default)]
    token: String,
    /// From now on theirs.
    #[server(default)]
    password: String,
) -> Result<(), ServerFnError> {
    let set = expect_context::<Engine>().set_forgotten_password(&token, &password).await;
    let page = if set.is_ok() { "/sign-in?changed=password".to_owned() } else { format!("/reset/{token}") };
    answer(page, Vec::new(), set.map_err(Problem::from));
    Ok(())
}
