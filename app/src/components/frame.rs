//! Frames: the document around a page, the narrow sheet for payers, the dashboard for staff.

use domain::brand::Colour;
use domain::language::Language;
use domain::merchant::{Right, Role};
use domain::privacy::OWN_PATH;
use domain::view::BrandView;
use engine::Engine;
use engine::callers::Caller;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{Sentence as _, payer, staff_frame as said};

use super::dialogs::{Palette, Shortcuts};
use super::{Icon, Shape};
use crate::islands::Touches;
use crate::language::{heard, keep_asked_language, say, staff_language, this_page};
use crate::live::Following;
use crate::pages::{Waiting, counted};
use crate::server_fns::session::SignOut;
use crate::site::Assets;

/// What the documents of pages for payers are classed as.
const PAYER: &str = "pay";

/// A whole HTML document. No page may be indexed: all are somebody's.
#[component]
fn Document(
    #[prop(into)] title: String,
    class: &'static str,
    #[prop(optional_no_strip)] colour: Option<Colour>,
    language: Language,
    children: Children,
) -> impl IntoView {
    keep_asked_language();
    let Assets { css, style, start_js, icon, font } = expect_context();
    // A payer's first page waits for one answer instead of two; staff stay, and keep the style sheet.
    let css = if class == PAYER {
        view! { <style nonce=use_nonce() inner_html=style()></style> }.into_any()
    } else {
        view! { <link rel="stylesheet" href=css /> }.into_any()
    };
    // Leptos writes a title's text as it is; merchants' names and references are in it.
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    view! {
        <!DOCTYPE html>
        <html lang=language.name() dir=(language.direction() == "rtl").then_some("rtl")>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <title>{title}</title>
                <meta name="robots" content="noindex" />
                <meta name="color-scheme" content="light dark" />
                <link rel="preload" href=font r#as="font" type="font/woff2" crossorigin="anonymous" />
                {css}
                {colour.map(|colour| view! { <style nonce=use_nonce()>{brand_css(colour)}</style> })}
                <link rel="icon" href=icon type="image/svg+xml" />
                <script type="module" src=start_js></script>
            </head>
            <body class=class>
                {children()} <p class="notice toast" id="toast" role="status" hidden></p> <Touches />
            </body>
        </html>
    }
    .into_any()
}

/// Lays a merchant's colour over the style sheet's own: on dark ground a lighter one, and dark text on that.
fn brand_css(colour: Colour) -> String {
    let on_dark = colour.on_dark();
    format!(
        ":root{{--brand:light-dark({colour},{on_dark});--brand-hover:var(--brand);--on-brand:light-dark(#fff,#0b0f10);--focus:light-dark({colour},{on_dark})}}"
    )
}

/// The frame of pages for payers. `merchant` is the shop's name; without one the page is Refundry's own.
#[component]
pub(crate) fn Payer(
    #[prop(into)] title: String,
    #[prop(optional_no_strip)] merchant: Option<String>,
    #[prop(optional)] brand: BrandView,
    /// In which language the page is; nothing for that of staff.
    #[prop(optional_no_strip)]
    language: Option<Language>,
    #[prop(optional)] pays: bool,
    #[prop(optional)] centred: bool,
    /// Whether the page's query stays when another language is chosen: where it goes to next stands in it.
    #[prop(optional)]
    keeps_query: bool,
    children: Children,
) -> impl IntoView {
    let language = language.unwrap_or_else(staff_language);
    let page = this_page().map(|page| if keeps_query { page } else { page.split('?').next().unwrap_or_default().to_owned() + "?" });
    let languages = page.map(|page| view! { <Languages page current=language /> });
    let by = if pays { payer::PaymentsBy.to(language) } else { payer::RefundsBy.to(language) };
    let suffix = merchant.clone().unwrap_or_else(|| "Refundry".to_owned());
    let privacy = match brand.privacy {
        // The merchant's own stands elsewhere: the payer does not lose this page.
        Some(text) => view! { <a href=text.url target="_blank" rel="noopener noreferrer">{payer::Privacy.to(language)}</a> }.into_any(),
        None => view! { <a href=OWN_PATH>{payer::Privacy.to(language)}</a> }.into_any(),
    };
    let BrandView { colour, logo_path, .. } = brand;
    let head = match (merchant, logo_path) {
        (Some(name), Some(path)) => view! { <img class="logo" src=path alt="" width="32" height="32" /> {name} }.into_any(),
        (Some(name), None) => {
            let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
            view! { <span class="mono-av" aria-hidden="true">{initial}</span> {name} }.into_any()
        }
        (None, _) => view! { <span class="brand pad-0"><Mark /> "Refundry"</span> }.into_any(),
    };
    view! {
        <Document title=format!("{title} · {suffix}") class=PAYER colour language>
            <header>{head} {languages}</header>
            <main id="main" class=centred.then_some("centred")>
                <div class="sheet">{children()}</div>
            </main>
            <footer>
                <span class="by"><Mark /> {by}</span>
                {privacy}
                <a href="/help">{payer::GetHelp.to(language)}</a>
            </footer>
        </Document>
    }
    .into_any()
}

/// The languages to choose from, as links: they work without scripts. `page` is named in them up to where the language is, because a form
/// that is shown again stands at the address that it was sent to.
#[component]
fn Languages(page: String, current: Language) -> impl IntoView {
    let choices = Language::ALL.iter().copied().map(|language| {
        let (tag, is_current) = (language.name(), (language == current).then_some("true"));
        view! { <li><a href=format!("{page}lang={tag}") lang=tag hreflang=tag aria-current=is_current>{language.own_name()}</a></li> }
    });
    let label = payer::Language { name: current.own_name() }.to(current);
    view! {
        <details class="languages">
            <summary class="btn ghost sm" aria-label=label><Icon shape=Shape::Globe /> <span class="roomy">{current.own_name()}</span></summary>
            <ul>{choices.collect_view()}</ul>
        </details>
    }
    .into_any()
}

/// Which entry of the dashboard's navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Refunds,
    Invoices,
    Policies,
    Settings,
    Mids,
    Health,
    Audit,
}

impl Section {
    /// What everybody of a merchant's staff works with.
    const MAIN: [Self; 5] = [Self::Overview, Self::Refunds, Self::Invoices, Self::Policies, Self::Settings];
    /// What only the operator sees.
    pub(crate) const OPERATORS: [Self; 3] = [Self::Mids, Self::Health, Self::Audit];

    /// Returns its name and where it begins.
    pub(crate) fn title_and_url(self) -> (String, &'static str) {
        match self {
            Self::Overview => (say(said::Overview), "/"),
            Self::Refunds => (say(said::Refunds), "/refunds"),
            Self::Invoices => (say(said::Invoices), "/invoices"),
            Self::Policies => (say(said::Policies), "/policies"),
            Self::Settings => (say(said::Settings), "/settings/webhooks"),
            Self::Mids => (say(said::Mids), "/admin/mids"),
            Self::Health => (say(said::Health), "/admin/health"),
            Self::Audit => (say(said::Audit), "/admin/audit"),
        }
    }

    const fn shape(self) -> Shape {
        match self {
            Self::Overview => Shape::Home,
            Self::Refunds => Shape::Refund,
            Self::Invoices => Shape::Invoice,
            Self::Policies => Shape::Sliders,
            Self::Settings => Shape::Settings,
            Self::Mids => Shape::Shield,
            Self::Health => Shape::Health,
            Self::Audit => Shape::Audit,
        }
    }
}

/// The frame of pages for staff. `here` is the last crumb of a page below a list; pages without one are lists, with search and the way to a
/// new refund above them.
#[component]
pub(crate) fn Staff(
    #[prop(into)] title: String,
    section: Section,
    caller: Caller,
    #[prop(optional, into)] here: Option<String>,
    /// What it follows while it is open, where it is about something that moves.
    #[prop(optional_no_strip)]
    live: Option<Following>,
    /// The choice of MID, on pages that can be about one.
    #[prop(optional_no_strip)]
    switch: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let language = staff_language();
    let page = this_page();
    let own_url = page.as_deref().map(|page| page.trim_end_matches(['?', '&']).to_owned());
    let languages = page.map(|page| view! { <Languages page current=language /> });
    // What the page's script says of the news, where it follows any.
    let news = |sentence: String| live.is_some().then_some(sentence);
    let (lost, changed, show) = (news(say(said::Lost { time: "{time}" })), news(say(said::Changed)), news(say(said::ShowIt)));
    let (live, seen) = live.map(|Following { url, seen }| (url, seen)).unzip();
    let is_sandbox = expect_context::<Engine>().settings().is_sandbox;
    let moves_money = caller.may(Right::MoveMoney);
    let new_refund = here.is_none() && moves_money;
    let new_refund = new_refund.then(|| {
        view! { <a href="/refunds/new" class="btn primary sm"><Icon shape=Shape::Plus /> <span class="roomy">{say(said::NewRefund)}</span></a> }
    });
    let top = match here {
        Some(here) => {
            let (list, list_url) = section.title_and_url();
            view! {
                <nav class="crumbs" aria-label=say(said::Breadcrumb)>
                    <a href=list_url>{list}</a>
                    <span aria-hidden="true">"/"</span>
                    <span aria-current="page">{here}</span>
                </nav>
            }
            .into_any()
        }
        None => view! {
            <form class="input search" action="/refunds">
                <span class="faint"><Icon shape=Shape::Search /></span>
                <input type="search" name="q" aria-label=say(said::SearchAll) placeholder=say(said::SearchHint) />
            </form>
        }
        .into_any(),
    };
    view! {
        <Document title=format!("{title} · Refundry") class="app" language>
            {is_sandbox.then(|| view! { <div class="sandbox" aria-hidden="true"></div> })}
            <a class="skip" href="#main">{say(said::Skip)}</a>
            <aside class="side" aria-label=say(said::Navigation)>
                <a class="brand" href="/"><Mark /> "Refundry"</a>
                {switch}
                <Navigation section is_operator=caller.may(Right::Operate) />
                <Who caller />
            </aside>
            <header class="top">
                <a class="brand only-m pad-0" href="/"><Mark /> <span class="vh">"Refundry"</span></a>
                {top}
                <span class="end row nowrap">
                    {is_sandbox.then(|| view! { <span class="pill warn">{say(said::Sandbox)}</span> })}
                    {languages}
                    {new_refund}
                    <form method="post" action=SignOut::url() class="only-m">
                        <button class="btn ghost sq sm" aria-label=say(said::SignOut)><Icon shape=Shape::SignOut /></button>
                    </form>
                </span>
            </header>
            <main id="main" data-page=own_url data-live=live data-seen=seen data-lost=lost data-changed=changed data-show=show>
                {children()}
            </main>
            <Palette />
            <Shortcuts />
        </Document>
    }
    .into_any()
}

/// The entries that a role has use for. On phones they lie at the bottom; the operator's are then among the settings.
#[component]
fn Navigation(section: Section, is_operator: bool) -> impl IntoView {
    let waiting = use_context::<Waiting>().map(|Waiting(count)| count).filter(|count| *count > 0);
    let entry = move |entry: Section, class: &'static str| {
        let (title, url) = entry.title_and_url();
        let current = (entry == section).then_some("page");
        let waiting = waiting.filter(|_| entry == Section::Refunds).map(|count| {
            view! { <span class="count warn">{heard(&said::Waiting { count, shown: &counted(count) }, staff_language())}</span> }
        });
        view! {
            <a href=url class=class aria-current=current data-title=title>
                <Icon shape=entry.shape() />
                {title.clone()}
                {waiting}
            </a>
        }
    };
    let main = Section::MAIN.map(|main| entry(main, ""));
    let operators =
        is_operator.then(|| view! { <h2>{say(said::Admin)}</h2> {Section::OPERATORS.map(|own| entry(own, "m")).collect_view()} });
    view! { <nav aria-label=say(said::Main)>{main.collect_view()} {operators}</nav> }.into_any()
}

#[component]
fn Who(caller: Caller) -> impl IntoView {
    let (email, name) = (caller.email.unwrap_or_default(), caller.name);
    let shown = name.clone().unwrap_or_else(|| email.clone());
    let initials = initials(&shown);
    let role = caller.role.map(|role| match role {
        Role::Admin => say(said::RoleAdmin),
        Role::Owner => say(said::RoleOwner),
        Role::Manager => say(said::RoleManager),
        Role::Support => say(said::RoleSupport),
        Role::Viewer => say(said::RoleViewer),
    });
    view! {
        <div class="who">
            <span class="mono-av round" aria-hidden="true">{initials}</span>
            <span class="fill">
                <span class="ellipsis block" title=name.map(|_| email)>{shown}</span>
                <small>{role}</small>
            </span>
            <form method="post" action=SignOut::url()>
                <button class="btn ghost sq sm" aria-label=say(said::SignOut)><Icon shape=Shape::SignOut /></button>
            </form>
        </div>
    }
    .into_any()
}

/// Returns the first letters of a name's first and last word, or of an address.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let letters: String = match (words.next(), words.next_back()) {
        (Some(first), Some(last)) => first.chars().take(1).chain(last.chars().take(1)).collect(),
        (word, _) => word.unwrap_or_default().chars().take(2).collect(),
    };
    letters.to_uppercase()
}

/// Said instead of actions to those whose role may not take them.
#[component]
pub(crate) fn StaffOnly() -> impl IntoView {
    view! { <p class="sm soft">{say(said::StaffOnly)}</p> }
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg
            class="mark"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=r#"<path d="M4 7h9.5a5 5 0 0 1 0 10H8"/><circle cx="5.3" cy="17" r="2.3" fill="currentColor" stroke="none"/>"#
        ></svg>
    }
    .into_any()
}
