//! The dialogs that staff's script opens: going to anything, and the keys. They lie in the page as templates, so that they speak its language.

use leptos::prelude::*;
use words::staff_frame as said;

use crate::language::{rich, say, staff_language};

/// What `Ctrl K` opens.
#[component]
pub(super) fn Palette() -> impl IntoView {
    let key = |_: &str, text: String| view! { <kbd>{text}</kbd> }.into_any();
    let keys = rich(&said::GoToKeys { up: "↑", down: "↓", enter: "Enter", escape: "Esc" }, staff_language(), key);
    view! {
        <template id="palette">
            <dialog class="palette" aria-label=say(said::GoTo)>
                <div class="pad-1">
                    <div class="input big">
                        <input
                            type="text"
                            role="combobox"
                            aria-expanded="true"
                            aria-controls="goes-to"
                            aria-autocomplete="list"
                            aria-label=say(said::GoToSearch)
                            placeholder=say(said::GoToHint)
                            maxlength="200"
                            autofocus
                        />
                    </div>
                </div>
                <div class="pad-1">
                    <ul
                        role="listbox"
                        id="goes-to"
                        aria-label=say(said::Results)
                        data-refund=say(said::Refund { reference: "{reference}" })
                        data-invoice=say(said::Invoice { reference: "{reference}" })
                        data-search-refunds=say(said::SearchRefunds)
                        data-search-invoices=say(said::SearchInvoices)
                        data-search-for=say(said::SearchFor { text: "{text}" })
                    ></ul>
                    <p class="vh" role="status" data-one=say(said::OneResult) data-many=say(said::ManyResults { count: "{count}" })></p>
                </div>
                <p class="xs soft row">{keys}</p>
            </dialog>
        </template>
    }
    .into_any()
}

/// What `?` opens.
#[component]
pub(super) fn Shortcuts() -> impl IntoView {
    let rows = [
        (say(said::KeySearch), kbds("/")),
        (say(said::GoTo), kbds("Ctrl K")),
        (say(said::KeyLists), then("G", "O R I")),
        (say(said::KeySettings), then("G", "P S")),
        (say(said::NewRefund), kbds("N")),
        (say(said::KeyRows), kbds("J K")),
        (say(said::KeySelect), kbds("X Shift+X")),
        (say(said::KeyOpen), kbds("Enter")),
        (say(said::KeyApprove), kbds("A")),
        (say(said::KeyCopy), kbds("C")),
        (say(said::KeyExport), kbds("E")),
        (say(said::KeySend), kbds("Ctrl Enter")),
    ];
    let rows = rows.map(|(what, keys)| view! { <dt>{what}</dt> <dd>{keys}</dd> });
    view! {
        <template id="keys">
            <dialog aria-labelledby="shortcuts">
                <form method="dialog" class="row sb nowrap">
                    <h2 id="shortcuts">{say(said::Shortcuts)}</h2>
                    <button class="btn sm" autofocus>{say(said::Close)}</button>
                </form>
                <div><dl class="kv spread">{rows.collect_view()}</dl></div>
                <label class="row sb">
                    <span>{say(said::SingleKeys)}</span>
                    <input type="checkbox" role="switch" class="switch" />
                </label>
            </dialog>
        </template>
    }
    .into_any()
}

/// Keys that are pressed one after the other.
fn then(first: &str, next: &str) -> AnyView {
    rich(&said::Then { first, next }, staff_language(), |_, keys| kbds(&keys))
}

fn kbds(keys: &str) -> AnyView {
    keys.split(' ').map(|key| view! { <kbd>{key.to_owned()}</kbd> " " }).collect_view().into_any()
}
