//! Read models: what the API answers and the pages show. Amounts are exact decimal strings with their asset beside them,
//! instants RFC 3339 UTC.

macro_rules! views {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    )*};
}

mod books;
mod claim;
mod invoice;
mod pay;
mod refund;
mod simulation;
mod webhook;

pub use self::books::{
    AccountLineView, BalanceView, EntryView, MovementView, PostingView, ReconciliationMeaning, ReconciliationState, ReconciliationView,
    StatementView,
};
pub use self::claim::{ClaimView, ClaimViewState, ShownDestination, Waits};
pub use self::invoice::{CaseView, DepositView, InvoiceView, Metadata};
pub use self::pay::{BrandView, PayRefund, PayView};
pub use self::refund::{
    CancelView, ConsentView, ConversionView, DestinationView, EmailView, FeeView, PreviewView, RefundSummary, RefundView, TimelineEntry,
};
pub use self::simulation::{
    AssetSplitView, EndingView, MoneySplitView, SimulatedInvoiceView, SimulatedRefundView, SimulatedSumsView, SimulationView,
};
pub use self::webhook::{DeliveryView, EndpointTestView, EventData, EventView};
