//! `/admin/audit`: who did what, newest first: a merchant's chain for its own people, any chain for the operator.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::merchant::{Right, Scope};
use domain::money::AssetId;
use engine::assets::Assets;
use engine::audit::{About, AuditFilter, AuditView};
use engine::browsing::Narrowing;
use engine::callers::Caller;
use engine::{Engine, PageRequest};
use jiff::Timestamp;
use leptos::prelude::*;
use words::{staff_admin as said, staff_audit};

use crate::components::{Empty, Head, Icon, Section, Shape, Staff, Table, exact, staff};
use crate::language::say;
use crate::pages::filters::{Days, Filters, Select};
use crate::pages::refund::noted;
use crate::pages::{ROWS, page, query};
use crate::reply::Failure;
use crate::session::caller;

const PATH: &str = "/admin/audit";
const FILTERS: [&str; 6] = ["merchant", "action", "subject", "actor", "from", "to"];

/// Reads which rows of the log a URL's query asks for; nothing when it cannot be read.
#[must_use]
pub fn audit_wanted(value: impl Fn(&str) -> Option<String>) -> Option<AuditFilter> {
    wanted(&Filters::of(&FILTERS, value))
}

fn wanted(filters: &Filters) -> Option<AuditFilter> {
    let Narrowing { from, to, .. } = filters.narrowing()?;
    let action = filters.get("action").map(str::to_owned);
    let actor = filters.get("actor").map(str::to_owned);
    let merchant = filters.get("merchant").map(str::parse).transpose().ok()?;
    let about = filters.get("subject").map(|text| About::parse(text.trim()));
    Some(AuditFilter { merchant, about, action, actor, from, to })
}

/// The page.
#[component]
pub(crate) fn Audit() -> impl IntoView {
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        let filters = Filters::read(&FILTERS);
        let wanted = wanted(&filters).ok_or(Failure::NoPage)?;
        let found = engine.audit_log(&caller, wanted, PageRequest { limit: ROWS, after: query("after") }).await?;
        let merchants = if caller.may(Right::Operate) { merchants(&engine, &caller).await? } else { Vec::new() };
        let now = engine.now();
        // The newest row of a chain is its end: kept elsewhere, it proves later that nothing before it was changed.
        let is_end = query("after").is_none() && !filters.has_more_than("merchant");
        let end = found.data.first().filter(|_| is_end).map(|row| {
            let hash = format!("{}…{}", row.hash.get(..4).unwrap_or_default(), row.hash.get(60..).unwrap_or_default());
            say(staff_audit::Head { hash: &hash, number: &row.number.to_string() })
        });
        let own = caller.actor.to_string();
        let rows: Vec<AnyView> = found.data.into_iter().map(|row| entry(row, &filters, &own, engine.assets(), now)).collect();
        let (title, _) = Section::Audit.title_and_url();
        let body = if rows.is_empty() {
            view! {
                <Empty shape=Shape::Audit title=say(said::NothingWritten)>
                    <p>{say(said::NoMatch)}</p>
                </Empty>
            }
            .into_any()
        } else {
            let heads = [
                Head::Words(say(staff_audit::Time)),
                Head::Words(say(staff_audit::Who)),
                Head::Words(say(staff_audit::What)),
                Head::Words(say(staff_audit::Object)),
                Head::Words(say(staff_audit::Change)),
            ];
            view! { <Table label=title.clone() caption=say(said::AuditNewest) heads>{rows.collect_view()}</Table> }.into_any()
        };
        let export = filters.url("/audit.csv");
        let newest = query("after").map(|_| filters.url(PATH));
        let older = found.next.map(|next| filters.with("after", &next).url(PATH));
        // What is the operator's among the sections is one of the settings for others.
        let section = if caller.scope == Scope::Everything { Section::Audit } else { Section::Settings };
        Ok(view! {
            <Staff title=title.clone() section caller>
                <div class="head">
                    <h1>{title}</h1>
                    <span class="end">
                        <a href=export class="btn" download><Icon shape=Shape::Download /> {say(staff_audit::Export)}</a>
                    </span>
                    <p>{say(said::AuditText { command: "refundry audit verify" })}</p>
                </div>
                <section class="card">
                    <FilterBar filters merchants />
                    {body}
                    <Pages end newest older />
                </section>
            </Staff>
        }
        .into_any())
    })
}

#[component]
fn Pages(end: Option<String>, newest: Option<String>, older: Option<String>) -> impl IntoView {
    (end.is_some() || newest.is_some() || older.is_some()).then(|| {
        view! {
            <footer>
                {end.map(|end| view! { <span class="sm soft num">{end}</span> })}
                <span class="row push">
                    {newest.map(|url| view! { <a class="btn sm" href=url><Icon shape=Shape::Back /> {say(said::Newest)}</a> })}
                    {older.map(|url| view! { <a class="btn sm" href=url rel="next">{say(said::Older)} " " <Icon shape=Shape::Forward /></a> })}
                </span>
            </footer>
        }
    })
}

/// Returns the merchants by name, for the operator to choose from.
async fn merchants(engine: &Engine, caller: &Caller) -> Result<Vec<(String, String)>, Failure> {
    let mut named = BTreeMap::new();
    for mid in engine.mids(caller).await? {
        if let Entry::Vacant(unnamed) = named.entry(mid.merchant) {
            unnamed.insert(engine.merchant_name(caller, mid.id).await?);
        }
    }
    Ok(named.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

#[component]
fn FilterBar(filters: Filters, merchants: Vec<(String, String)>) -> impl IntoView {
    let set = |name: &str| filters.get(name).map(str::to_owned);
    let merchants = (!merchants.is_empty()).then(|| {
        let chosen = set("merchant");
        view! { <Select name="merchant" label=say(said::Merchant) all=say(said::Installation) choices=merchants chosen /> }
    });
    view! {
        <form class="row filters" role="search" action=PATH>
            {merchants}
            <Select name="action" label=say(staff_audit::What) all=say(said::AnyAction) choices=actions(filters.get("action")) chosen=set("action") />
            <div class="input">
                <span class="faint"><Icon shape=Shape::Search /></span>
                <input type="search" name="subject" aria-label=say(said::Subject) placeholder=say(said::SubjectHint) maxlength="200" value=set("subject") />
            </div>
            {set("actor").map(|actor| view! { <input type="hidden" name="actor" value=actor /> })}
            <Days filters=filters.clone() />
            <button class="btn">{say(said::Show)}</button>
            {filters.has_more_than("merchant").then(|| view! { <a href=PATH class="btn ghost">{say(staff_audit::Clear)}</a> })}
        </form>
    }
    .into_any()
}

fn entry(row: AuditView, filters: &Filters, own: &str, assets: &Assets, now: Timestamp) -> AnyView {
    let who = match row.actor.split(':').next().unwrap_or_default() {
        _ if row.actor == own => say(said::You),
        "operator" => say(said::ByOperator),
        "system" => "Refundry".to_owned(),
        "payer" => say(said::ByPayer),
        // People without a name here work for the operator.
        "user" => row.who.clone().unwrap_or_else(|| say(said::ByOperator)),
        "key" => say(said::ByKey),
        other => other.to_owned(),
    };
    let by_them = filters.with("actor", &row.actor).url(PATH);
    let of_it = filters.without("action").with("subject", &row.subject.to_string()).url(PATH);
    let like_it = filters.with("action", &row.action).url(PATH);
    let id = row.subject.to_string();
    let object = row.subject_name.clone().unwrap_or_else(|| format!("…{}", id.get(28..).unwrap_or_default()));
    let told = |name: &str| row.detail.get(name).map(|told| told.as_str().map_or_else(|| told.to_string(), str::to_owned));
    let what = what(&row.action, told).unwrap_or_else(|| row.action.clone());
    let facts = facts(&row, assets);
    view! {
        <tr>
            <td class="nw num">{staff(row.at, now)}</td>
            <td class="wrap"><a class="plain-link" href=by_them>{who}</a></td>
            <td class="r2">
                <a class="semi plain-link" href=like_it>{what}</a>
                <span class="mono xs soft block">{row.action}</span>
            </td>
            <td class="wrap"><a class="plain-link" href=of_it title=id>{object}</a></td>
            <td class="wrap detail">
                {facts}
                <details>
                    <summary class="xs soft">{say(staff_audit::Whole)}</summary>
                    <code class="xs">{row.detail.to_string()}</code>
                </details>
            </td>
        </tr>
    }
    .into_any()
}

/// Returns what there is to know of a deed in a line: how much, where to, why, from what to what. Ids are in the whole row.
fn facts(row: &AuditView, assets: &Assets) -> String {
    let text = |name: &str| row.detail.get(name).and_then(|told| told.as_str());
    let asset = text("asset").and_then(|id| id.parse::<AssetId>().ok()).and_then(|id| assets.get(id));
    let amount = ["amount", "received"].into_iter().find_map(text).and_then(|units| units.parse().ok());
    let amount = amount.zip(asset).map(|(units, asset)| exact(&asset.format_units(units), asset.id.symbol()));
    let number = row.detail.get("number").map(|number| format!("#{number}")).filter(|_| row.action.starts_with("policy."));
    let before = ["before", "host_before", "dialect_before", "signing_before"].into_iter().find_map(text);
    let after = ["role", "email", "host", "dialect", "signing"].into_iter().find_map(|name| text(name).filter(|_| before.is_some()));
    let change = before.zip(after).map(|(before, after)| format!("{before} → {after}"));
    let named = ["destination", "note", "role", "host", "change", "passkey", "event", "kind", "name", "why"];
    let said = |name: &'static str| text(name).map(|told| if name == "note" { noted(told) } else { told.to_owned() });
    let named = named.into_iter().filter(|_| change.is_none()).filter_map(said);
    amount.into_iter().chain(number).chain(change.clone()).chain(named).collect::<Vec<_>>().join(" · ")
}

/// What there is to choose from, in the order of the log's words.
const ACTIONS: [&str; 57] = [
    "refund.awaiting_approval",
    "refund.awaiting_claim",
    "refund.scheduled",
    "refund.on_hold",
    "refund.sending",
    "refund.paid",
    "refund.payout_failed",
    "refund.expired",
    "refund.canceled",
    "refund.declined",
    "case.resolved",
    "case.attributed",
    "user.added",
    "user.joined",
    "user.removed",
    "user.role_changed",
    "user.password_changed",
    "user.email_changed",
    "user.renamed",
    "user.second_factor_changed",
    "user.recovery_code_used",
    "user.session_ended",
    "user.sessions_ended",
    "invitation.made",
    "invitation.withdrawn",
    "merchant.added",
    "merchant.frozen",
    "merchant.unfrozen",
    "mid.added",
    "mid.frozen",
    "mid.guarded",
    "mid.writing_changed",
    "brand.changed",
    "privacy.changed",
    "sender.changed",
    "policy.changed",
    "policy.approved",
    "policy.discarded",
    "policy.locked",
    "policy.waits",
    "key.created",
    "key.paired",
    "key.revoked",
    "endpoint.added",
    "endpoint.removed",
    "endpoint.rotated",
    "endpoint.moved",
    "endpoint.dialect_changed",
    "endpoint.signing_changed",
    "endpoint.events_changed",
    "endpoint.enabled",
    "endpoint.disabled",
    "delivery.resent",
    "source.added",
    "source.removed",
    "payouts.stopped",
    "invoice.payer_agreed",
];

/// Returns the actions with their words, for choosing; with the one that is chosen when it has none.
fn actions(chosen: Option<&str>) -> Vec<(String, String)> {
    let unknown = chosen.filter(|chosen| !ACTIONS.contains(chosen));
    ACTIONS.into_iter().chain(unknown).map(|action| (action.to_owned(), titles(action))).collect()
}

/// Returns what an action is called, in all the words that it goes by.
fn titles(action: &str) -> String {
    use staff_audit as deed;
    match action {
        "refund.awaiting_claim" => [say(deed::RefundOffered), say(deed::RefundApproved), say(deed::RefundReissued)].join(", "),
        "mid.guarded" => [say(deed::MidSuspended), say(deed::MidOpened)].join(", "),
        "payouts.stopped" => [say(deed::PayoutsStopped), say(deed::PayoutsGo)].join(", "),
        _ => what(action, |_| None).unwrap_or_else(|| action.to_owned()),
    }
}

/// Returns a deed in words; nothing for one that has none yet.
fn what(action: &str, detail: impl Fn(&str) -> Option<String>) -> Option<String> {
    use staff_audit as deed;
    let is = |name: &str, value: &str| detail(name).is_some_and(|told| told == value);
    Some(match action {
        "refund.awaiting_approval" => say(deed::RefundAsked),
        "refund.awaiting_claim" if is("note", "approved") => say(deed::RefundApproved),
        "refund.awaiting_claim" if is("note", "reissued") => say(deed::RefundReissued),
        "refund.awaiting_claim" if is("note", "code_sent") => say(deed::RefundCode),
        "refund.awaiting_claim" => say(deed::RefundOffered),
        "refund.scheduled" => say(deed::RefundScheduled),
        "refund.on_hold" => say(deed::RefundHeld),
        "refund.sending" => say(deed::RefundSending),
        "refund.paid" => say(deed::RefundPaid),
        "refund.payout_failed" => say(deed::RefundFailed),
        "refund.expired" => say(deed::RefundExpired),
        "refund.canceled" => say(deed::RefundCancelled),
        "refund.declined" => say(deed::RefundDeclined),
        "case.resolved" => say(deed::CaseResolved),
        "case.attributed" => say(deed::CaseAttributed),
        "user.added" => say(deed::UserAdded),
        "user.joined" => say(deed::UserJoined),
        "user.removed" => say(deed::UserRemoved),
        "user.role_changed" => say(deed::UserRole),
        "user.password_changed" => say(deed::UserPassword),
        "user.email_changed" => say(deed::UserEmail),
        "user.renamed" => say(deed::UserRenamed),
        "user.second_factor_changed" => say(deed::UserFactor),
        "user.recovery_code_used" => say(deed::UserRecovery),
        "user.session_ended" => say(deed::UserSignedOut),
        "user.sessions_ended" => say(deed::UserSignedOutAll),
        "invitation.made" => say(deed::InvitationMade),
        "invitation.withdrawn" => say(deed::InvitationWithdrawn),
        "merchant.added" => say(deed::MerchantAdded),
        "merchant.frozen" => say(deed::MerchantFrozen),
        "merchant.unfrozen" => say(deed::MerchantUnfrozen),
        "mid.added" => say(deed::MidAdded),
        "mid.frozen" => say(deed::MidFrozen),
        "mid.guarded" if is("guard", "suspended") => say(deed::MidSuspended),
        "mid.guarded" => say(deed::MidOpened),
        "mid.writing_changed" => say(deed::MidWriting),
        "brand.changed" => say(deed::BrandChanged),
        "privacy.changed" => say(deed::PrivacyChanged),
        "sender.changed" => say(deed::SenderChanged),
        "policy.changed" => say(deed::PolicyChanged),
        "policy.approved" => say(deed::PolicyApproved),
        "policy.discarded" => say(deed::PolicyDiscarded),
        "policy.locked" => say(deed::PolicyLocked),
        "policy.waits" => say(deed::PolicyWaits),
        "key.created" => say(deed::KeyCreated),
        "key.paired" => say(deed::KeyPaired),
        "key.revoked" => say(deed::KeyRevoked),
        "endpoint.added" => say(deed::EndpointAdded),
        "endpoint.removed" => say(deed::EndpointRemoved),
        "endpoint.rotated" => say(deed::EndpointRotated),
        "endpoint.moved" => say(deed::EndpointMoved),
        "endpoint.dialect_changed" | "endpoint.signing_changed" | "endpoint.events_changed" => say(deed::EndpointTold),
        "endpoint.enabled" => say(deed::EndpointEnabled),
        "endpoint.disabled" => say(deed::EndpointDisabled),
        "delivery.resent" => say(deed::DeliveryResent),
        "source.added" => say(deed::SourceAdded),
        "source.removed" => say(deed::SourceRemoved),
        "payouts.stopped" if is("stopped", "true") => say(deed::PayoutsStopped),
        "payouts.stopped" => say(deed::PayoutsGo),
        "invoice.payer_agreed" => say(deed::PayerAgreed),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_to_choose_has_its_words() {
        for action in ACTIONS {
            assert!(what(action, |_| None).is_some(), "{action}");
            assert_ne!(titles(action), action);
        }
        assert!(actions(Some("of.later")).iter().any(|(action, title)| action == "of.later" && title == "of.later"));
    }
}
