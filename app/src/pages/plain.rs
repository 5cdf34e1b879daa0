//! Plain pages: privacy and help.

use leptos::prelude::*;

use crate::components::Payer;

/// What is kept of payers. The text whose version a consent names: a change of meaning is a new version (CP-08).
#[component]
pub(crate) fn Privacy() -> impl IntoView {
    view! {
        <Payer title="Privacy">
            <div class="g1">
                <h1>"Privacy"</h1>
                <p class="soft sm">"What is kept when you claim a refund, and why."</p>
            </div>
            <div class="g4">
                <h2>"What is kept"</h2>
                <p>
                    "The wallet address you enter, with its tag where the network has one. When you confirmed it, and that you agreed to this page. If you cancel: the reason you chose and your note."
                </p>
                <h2>"What it is used for"</h2>
                <p>
                    "Your address is used only to send this refund. The shop that owes you the refund sees it, because it keeps the books of what it paid. Transfers are written to a public blockchain, where anybody can see address and amount and nobody can delete them."
                </p>
                <h2>"What is not done"</h2>
                <p>
                    "No other company is told. There is no advertising and no tracking: these pages load nothing from anywhere else, and the one cookie only lets your browser see the whole address again."
                </p>
                <h2>"Your rights"</h2>
                <p>"Ask the shop what it keeps about you, or to correct or delete what it may delete. Give it the reference of your refund."</p>
            </div>
        </Payer>
    }
    .into_any()
}

/// Where to get help.
#[component]
pub(crate) fn Help() -> impl IntoView {
    view! {
        <Payer title="Get help">
            <div class="g1">
                <h1>"Get help"</h1>
                <p class="soft sm">"The shop you paid owes you the refund, so it is the one to ask."</p>
            </div>
            <div class="g4">
                <h2>"Contact the shop"</h2>
                <p>"Give it the reference that your refund page shows, such as "<span class="mono">"REFUND-1042"</span>". It tells the shop which payment you mean."</p>
                <h2>"The address is wrong, or it was not you"</h2>
                <p>
                    "Until the refund is sent it can be cancelled: use the cancel link on your refund page, in the browser that confirmed the address, or ask the shop to cancel it."
                </p>
                <h2>"Keep your wallet safe"</h2>
                <p>"Nobody needs your password, private key or recovery phrase to send you a refund. We never ask for them."</p>
            </div>
        </Payer>
    }
    .into_any()
}
