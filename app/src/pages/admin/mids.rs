//! `/admin/mids`: every shop, what its policy does, what is open in it, the switch that stops it, and the forms that add one and invite its owner.

use std::collections::BTreeSet;

use domain::claim::FieldErrors;
use domain::merchant::{Guard, Mid, Role};
use domain::policy::{Notify, OnLate, OnOver, OnUnder, Policy};
use engine::Engine;
use engine::invitations::InvitationView;
use engine::overview::Holding;
use jiff::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_admin as said, staff_brand, staff_settings, staff_team};

use super::{Refused, require_operator};
use crate::components::{
    Amount, Empty, ErrorSummary, FieldMessage, Head, Icon, Pill, Section, Shape, Staff, Table, TextField, Tone, staff,
};
use crate::language::{rich, say, staff_language};
use crate::pages::filters::Filters;
use crate::pages::{Secret, page, set_unprocessable};
use crate::reply::Submitted;
use crate::server_fns::mid::{AddMid, GuardMid, InviteOwner, LiftFreeze};
use crate::session::caller;

const PATH: &str = "/admin/mids";
/// What narrows the list down.
const FIND: &str = "q";

/// The page.
#[component]
pub(crate) fn Mids() -> impl IntoView {
    let filters = Filters::read(&[FIND]);
    page(async move {
        let engine = expect_context::<Engine>();
        let caller = caller().await?;
        require_operator(&caller)?;
        let now = engine.now();
        let wanted = filters.get(FIND).unwrap_or_default().trim().to_lowercase();
        let mids = engine.mids(&caller).await?;
        let all = mids.len();
        let mut holdings = engine.holdings(&caller).await?;
        let owners = Owners {
            known: engine
                .people(&caller)
                .await?
                .into_iter()
                .filter(|person| person.role == Role::Owner)
                .filter_map(|person| person.merchant)
                .collect(),
            invited: engine.invitations(&caller).await?.into_iter().filter(|open| open.role == Role::Owner && !open.is_expired).collect(),
            submitted: in_words(use_context::<Submitted>().unwrap_or_default()),
        };
        let (mut rows, mut merchants) = (Vec::new(), BTreeSet::new());
        for mid in mids {
            let merchant = engine.merchant_name(&caller, mid.id).await?;
            merchants.insert(merchant.clone());
            if ![&mid.name, &merchant, &mid.id.to_string()].iter().any(|text| text.to_lowercase().contains(&wanted)) {
                continue;
            }
            let policy = engine.policy(&caller, mid.id).await?.policy;
            let frozen = engine.frozen(&caller, mid.id).await?.map(|(until, _)| until);
            let owner = owners.of(&mid, &merchant);
            rows.push(row(&mid, merchant, owner, &policy, holdings.remove(&mid.id).unwrap_or_default(), frozen, now));
        }
        let submitted = owners.submitted;
        let told = (!submitted.value("link").is_empty()).then(|| {
            let title = say(staff_team::InvitationFor { email: submitted.value("invited") });
            let how = if submitted.value("mailed").is_empty() { say(staff_team::HandOver) } else { say(staff_team::MailedLink) };
            view! {
                <Secret title name=say(staff_team::LinkName) secret=submitted.value("link").to_owned()>
                    {how}
                    " "
                    {say(staff_team::LinkText)}
                </Secret>
            }
        });
        let (title, _) = Section::Mids.title_and_url();
        Ok(view! {
            <Staff title=title.clone() section=Section::Mids caller>
                <div class="head">
                    <h1>{title.clone()}</h1>
                    <div class="end"><NewMid merchants submitted /></div>
                    <p>{say(said::MidsText)}</p>
                </div>
                <Refused />
                {told}
                <section class="card">
                    <header>
                        <h2>{say(said::AllMids)}</h2>
                        <span class="count">{all.to_string()}</span>
                        <form class="row end" role="search" action=PATH>
                            <div class="input">
                                <span class="faint"><Icon shape=Shape::Search /></span>
                                <input
                                    type="search"
                                    name=FIND
                                    aria-label=say(said::FindMid)
                                    placeholder=say(said::FindHint)
                                    maxlength="200"
                                    value=filters.get(FIND).map(str::to_owned)
                                />
                            </div>
                            <button class="btn">{say(said::Find)}</button>
                        </form>
                    </header>
                    {list(title, all, rows)}
                </section>
            </Staff>
        }
        .into_any())
    })
}

/// Says what is wrong with a new MID, or with an invitation to own one's merchant.
fn in_words(submitted: Submitted) -> Submitted {
    submitted.in_words(|field, code| match (field, code) {
        ("name", "taken") => Some(say(said::MidTaken)),
        ("merchant" | "name", _) => Some(say(staff_brand::WrongName)),
        ("email", "invalid") => Some(say(payer::EnterEmail)),
        ("email", "taken") => Some(say(staff_team::InUse)),
        ("email", "too_many") => Some(say(staff_team::TooMany)),
        ("email", "has_owner") => Some(say(said::HasOwner)),
        ("settles_in", _) => Some(say(said::WrongCurrency)),
        _ => None,
    })
}

/// A form that adds a MID, and its merchant when it is the first of that name.
#[component]
fn NewMid(merchants: BTreeSet<String>, submitted: Submitted) -> impl IntoView {
    let is_wrong = submitted.is_again(&["merchant", "name", "settles_in"]);
    if is_wrong {
        set_unprocessable();
    }
    let errors = if is_wrong { submitted.errors.clone() } else { FieldErrors::default() };
    let known = merchants.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    view! {
        <details class="drop" open=is_wrong>
            <summary class="btn primary"><Icon shape=Shape::Plus /> {say(said::NewMid)}</summary>
            <form class="card g4" method="post" action=AddMid::url()>
                <ErrorSummary errors />
                <TextField
                    id="merchant"
                    label=say(said::Merchant)
                    hint=say(said::MerchantHint)
                    list="merchants"
                    maxlength=100
                    value=submitted.value("merchant").to_owned()
                    error=submitted.error("merchant")
                />
                <datalist id="merchants">{known}</datalist>
                <TextField
                    id="name"
                    label=say(said::MidName)
                    hint=say(said::MidNameHint)
                    maxlength=100
                    value=submitted.value("name").to_owned()
                    error=submitted.error("name")
                />
                <TextField
                    id="settles_in"
                    label=say(said::SettlesIn)
                    hint=say(said::SettlesInHint)
                    maxlength=3
                    value=submitted.value("settles_in").to_owned()
                    error=submitted.error("settles_in")
                />
                <button class="btn primary" data-busy=say(staff_settings::Adding)>{say(said::AddMid)}</button>
            </form>
        </details>
    }
    .into_any()
}

/// Shows the shops that were found, of `all` that there are.
fn list(title: String, all: usize, rows: Vec<AnyView>) -> AnyView {
    if all == 0 {
        return view! {
            <Empty shape=Shape::Shield title=say(said::NoMid) is_part=true>
                <p>{say(said::NoMidText)}</p>
            </Empty>
        }
        .into_any();
    }
    if rows.is_empty() {
        return view! {
            <Empty shape=Shape::Search title=say(said::NoMidFound) is_part=true>
                <a href=PATH class="btn">{say(said::FindAll)}</a>
            </Empty>
        }
        .into_any();
    }
    let heads = [
        Head::Words(say(staff_settings::Mid)),
        Head::Words(say(said::Overpaid)),
        Head::Words(say(said::Underpaid)),
        Head::Words(say(said::Late)),
        Head::Words(say(said::EmailRefunds)),
        Head::Numbers(say(said::OpenRefunds)),
        Head::Numbers(say(said::Held)),
        Head::Words(say(said::State)),
        Head::Unseen(say(staff_settings::Action)),
    ];
    view! { <Table label=title caption=say(said::MidsByName) heads>{rows.collect_view()}</Table> }.into_any()
}

/// Who owns the merchants' accounts, or is invited to.
struct Owners {
    /// The names of the merchants that have an owner.
    known: BTreeSet<String>,
    invited: Vec<InvitationView>,
    submitted: Submitted,
}

impl Owners {
    /// Shows who is to own the account of a MID's merchant, and the form that invites them; nothing where somebody does.
    fn of(&self, mid: &Mid, merchant: &str) -> Option<AnyView> {
        if self.known.contains(merchant) {
            return None;
        }
        let is_again = self.submitted.value("owner_of") == mid.merchant.to_string();
        let error = self.submitted.error("email").filter(|_| is_again);
        if error.is_some() {
            set_unprocessable();
        }
        let (is_wrong, typed) = (error.is_some(), if is_again { self.submitted.value("email").to_owned() } else { String::new() });
        let invited = self.invited.iter().filter(|open| open.merchant == Some(mid.merchant));
        let invited =
            invited.map(|open| view! { <span class="sub wrap">{say(said::OwnerInvited { email: &open.email })}</span> }).collect_view();
        let (field, message) = (format!("owner-{}", mid.id), format!("owner-msg-{}", mid.id));
        Some(
            view! {
                <Pill tone=Tone::Warn text=say(said::NoOwner) />
                {invited}
                <details class="confirm" name="owner" open=is_wrong>
                    <summary class="btn sm" aria-label=say(said::InviteOwnerOf { merchant })>{say(said::InviteOwner)}</summary>
                    <form class="g2" method="post" action=InviteOwner::url()>
                        <input type="hidden" name="merchant" value=mid.merchant.to_string() />
                        <label class="sm" for=field.clone()>{say(said::OwnerEmail)}</label>
                        <input
                            class="input"
                            id=field
                            name="email"
                            type="email"
                            maxlength="254"
                            autocomplete="off"
                            value=typed
                            aria-invalid=is_wrong.then_some("true")
                            aria-describedby=message.clone()
                        />
                        <FieldMessage id=message message=error />
                        <p class="sm soft">{say(said::OwnerText)}</p>
                        <span><button class="btn sm primary" data-busy=say(staff_team::Inviting)>{say(said::SendInvitation)}</button></span>
                    </form>
                </details>
            }
            .into_any(),
        )
    }
}

fn row(
    mid: &Mid,
    merchant: String,
    owner: Option<AnyView>,
    policy: &Policy,
    holding: Holding,
    frozen: Option<Timestamp>,
    now: Timestamp,
) -> AnyView {
    let open = format!("/refunds?mid={}", mid.id);
    let held =
        holding.held.into_iter().map(|(asset, value)| view! { <span class="block"><Amount value unit=asset.symbol().to_owned() /></span> });
    let (tone, state) = match mid.guard {
        Guard::Open => (Tone::Good, say(said::IsOpen)),
        Guard::Suspended => (Tone::Bad, say(said::IsSuspended)),
    };
    let id = mid.id.to_string();
    let guard = match mid.guard {
        Guard::Open => view! {
            <details class="confirm" name="guard">
                <summary class="btn sm ghost danger-quiet" aria-label=say(said::SuspendNamed { mid: &mid.name })>{say(said::Suspend)}</summary>
                <form class="g2" method="post" action=GuardMid::url()>
                    <input type="hidden" name="mid" value=id />
                    <input type="hidden" name="guard" value=Guard::Suspended.name() />
                    <p class="sm soft">{say(said::SuspendText)}</p>
                    <span><button class="btn sm danger" data-busy=say(said::Suspending)>{say(said::SuspendMid)}</button></span>
                </form>
            </details>
        }
        .into_any(),
        Guard::Suspended => view! {
            <form method="post" action=GuardMid::url()>
                <input type="hidden" name="mid" value=id />
                <input type="hidden" name="guard" value=Guard::Open.name() />
                <button class="btn sm" data-busy=say(said::Opening) aria-label=say(said::OpenNamed { mid: &mid.name })>{say(said::Open)}</button>
            </form>
        }
        .into_any(),
    };
    let frozen = frozen.map(|until| {
        let locked = rich(&said::LockedUntil { until: "" }, staff_language(), |_, _| staff(until, now).into_any());
        view! {
            <span class="sub">{locked}</span>
            <details class="confirm" name="guard">
                <summary class="btn sm ghost" aria-label=say(said::UnlockOf { merchant: &merchant })>{say(said::Unlock)}</summary>
                <form class="g2" method="post" action=LiftFreeze::url()>
                    <input type="hidden" name="merchant" value=mid.merchant.to_string() />
                    <p class="sm soft">{say(said::UnlockText)}</p>
                    <span><button class="btn sm danger" data-busy=say(said::Unlocking)>{say(said::UnlockPayouts)}</button></span>
                </form>
            </details>
        }
    });
    view! {
        <tr>
            <td>
                <a href=format!("/policies/{}", mid.id) class="semi">{mid.name.clone()}</a>
                <span class="sub">{merchant.clone()}</span>
                <span class="only-narrow">
                    <span class="sub">{format!("{} · {} · {}", over(policy.on_over), under(policy.on_under), late(policy.on_late))}</span>
                    <a class="sub" href=open.clone()>{say(said::OpenRefunds)} " " {holding.open.to_string()}</a>
                </span>
                {owner}
            </td>
            <td class="hide">{over(policy.on_over)}</td>
            <td class="hide">{under(policy.on_under)}</td>
            <td class="hide">{late(policy.on_late)}</td>
            <td class="hide">{emails(policy.notify)}</td>
            <td class="r num hide"><a href=open>{holding.open.to_string()}</a></td>
            <td class="r nw hide">{held.collect_view()}</td>
            <td class="r2"><Pill tone text=state /> {frozen}</td>
            <td class="act">{guard}</td>
        </tr>
    }
    .into_any()
}

fn over(on_over: OnOver) -> String {
    match on_over {
        OnOver::SettleAndRefundExcess => say(said::RefundExtra),
        OnOver::CreditAll => say(said::KeepAll),
        OnOver::RefundAll => say(said::RefundAll),
        OnOver::Hold => say(said::AskPerson),
    }
}

fn under(on_under: OnUnder) -> String {
    match on_under {
        OnUnder::RefundAll => say(said::RefundAll),
        OnUnder::CreditAll => say(said::AcceptSent),
        OnUnder::Recalc => say(said::PriceAgain),
        OnUnder::Hold => say(said::AskPerson),
    }
}

fn late(on_late: OnLate) -> String {
    match on_late {
        OnLate::RefundAll => say(said::RefundAll),
        OnLate::CreditAll => say(said::AcceptLate),
        OnLate::Recalc => say(said::PriceAgain),
        OnLate::AcceptIfRateWithin => say(said::AcceptClose),
        OnLate::Hold => say(said::AskPerson),
    }
}

/// Says whether payers are written to by Refundry.
fn emails(notify: Notify) -> String {
    match notify {
        Notify::Both | Notify::EngineEmail => say(said::EmailRefundsOn),
        Notify::Merchant | Notify::Nobody => say(said::EmailRefundsOff),
    }
}
