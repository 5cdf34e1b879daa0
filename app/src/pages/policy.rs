//! `/policies/{mid}`: what a MID wants done with payments that do not match, tried on what payers really sent before it is saved; and
//! `/policies/{mid}/{asset}`, what of it is different for one asset.

mod assets;
mod differences;
pub(crate) mod fields;
mod history;
pub(crate) mod settings;
mod simulator;

use domain::claim::{FieldError, FieldErrors};
use domain::ids::MidId;
use domain::merchant::Right;
use domain::policy::Policy as Settings;
use domain::view::SimulationView;
use engine::callers::Caller;
use engine::policies::VersionState;
use engine::simulation::Simulation;
use engine::{Engine, Error, PageRequest};
use jiff::{SignedDuration, Timestamp};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use words::{payer, staff_policy, staff_policy_settings};

use self::assets::{Assets, asset_name};
use self::fields::{Kind, fields};
use self::history::History;
use self::settings::{GROUPS, Group, Setting};
use self::simulator::Simulator;
use super::{page, param, query, set_unprocessable};
use crate::components::{ErrorSummary, FieldMessage, Note, Pill, Refusal, Section, Shape, Staff, StaffOnly, Tone};
use crate::language::{rich, say, staff_language};
use crate::reply::{Failure, Submitted};
use crate::server_fns::policy::{Said, TRIED, TryPolicy, WritePolicy, draft, page_of};
use crate::session::caller;

/// How far back a draft is tried.
const TRIED_DAYS: u32 = 30;

/// One MID's policy.
#[component]
pub(crate) fn Policy() -> impl IntoView {
    let (mid, asset) = (param("mid"), param("asset"));
    page(async move {
        let engine = expect_context::<Engine>();
        let id: MidId = mid.parse().map_err(|_| Failure::NoPage)?;
        let caller = caller().await?;
        let mid = engine.mids(&caller).await?.into_iter().find(|mid| mid.id == id).ok_or(Failure::NoPage)?;
        let live = engine.policy(&caller, id).await?;
        let said = Said::read(id, &asset).await?;
        let alone = said.asset.map(asset_name);
        let versions = engine.policy_versions(&caller, id).await?;
        let locks = engine.policy_locks(&caller, id).await?;
        let submitted = use_context::<Submitted>().unwrap_or_default();
        let is_wrong = !submitted.errors.0.is_empty();
        if is_wrong {
            set_unprocessable();
        }
        let tried = if submitted.value(TRIED).is_empty() { None } else { Some(simulate(&engine, &caller, id, &asset, &submitted).await?) };
        let now = engine.now();
        let may_change = caller.may(Right::ChangePolicy);
        let is_operator = caller.may(Right::Operate);
        let next = versions.first().map_or(1, |newest| newest.number.saturating_add(1));
        let (policy, below) = (said.policy, said.below);
        let found = tried.as_ref().and_then(|tried| tried.as_ref().ok()).map(|found| found.changed.into());
        let form =
            Form { found, asset, policy, below, number: live.number, next, submitted: submitted.clone(), locks, is_operator, may_change };
        let title = match &alone {
            None => say(staff_policy::Title { mid: &mid.name }),
            Some(asset) => say(staff_policy::TitleAsset { asset, mid: &mid.name }),
        };
        let about = match &alone {
            None => view! { <p>{say(staff_policy::Text)}</p> }.into_any(),
            Some(asset) => {
                let url = format!("/policies/{id}");
                view! { <p>{say(staff_policy::TextAsset { asset })} " " <a href=url>{say(staff_policy::AllAssets)}</a></p> }.into_any()
            }
        };
        let assets = alone.is_none().then(|| view! { <Assets mid=id versions=versions.clone() may_change /> });
        let shown_title = if is_wrong { say(payer::Error { text: &title }) } else { title.clone() };
        let authors = versions.iter().map(|version| version.author.to_string()).collect::<Vec<_>>();
        let people = engine.people_named(&caller, authors.iter().map(String::as_str)).await?;
        let waiting = versions.iter().find(|version| version.state == VersionState::Draft).map(|version| {
            let text = say(staff_policy::WaitsFor { number: &version.number.to_string() });
            view! {
                <Note tone="warn" shape=Shape::Clock>
                    {text} " " <a href="#versions">{say(staff_policy::History)}</a>
                </Note>
            }
        });
        let aside = view! { <Simulator found=tried may_change days=TRIED_DAYS.into() /> };
        Ok(view! {
            <Staff title=shown_title section=Section::Policies caller=caller.clone() here=mid.name>
                <div class="head">
                    <h1>{title}</h1>
                    <Pill tone=Tone::Good text=say(staff_policy::VersionLive { number: &live.number.to_string() }) />
                    {about}
                </div>
                <Saved submitted />
                {waiting}
                <div class="cols">
                    <div class="g5">
                        {form.view(id, now)}
                        {assets}
                        <History mid=id versions people caller now />
                    </div>
                    <aside class="stick g4" id="tried" aria-label=say(staff_policy::SimulatorLabel)>{aside}</aside>
                </div>
            </Staff>
        }
        .into_any())
    })
}

/// Tries what is in the form on the payments of the last days. Nothing is written. Says why it cannot, where that is so.
async fn simulate(
    engine: &Engine,
    caller: &Caller,
    mid: MidId,
    asset: &str,
    submitted: &Submitted,
) -> Result<Result<SimulationView, String>, Failure> {
    let typed = |name: &str| submitted.values.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone());
    // It was read before, and is the answer to a form that could be.
    let draft = draft(&mid.to_string(), asset, typed).await.map_err(|_| Failure::Unreadable)?;
    let to = engine.now();
    let from = to.checked_sub(SignedDuration::from_hours(i64::from(TRIED_DAYS).saturating_mul(24))).unwrap_or(Timestamp::UNIX_EPOCH);
    let what = Simulation { draft, from, to, page: PageRequest { limit: 10, after: None } };
    match engine.simulate_policy(caller, mid, what).await {
        Ok(found) => Ok(Ok(found)),
        Err(Error::Invalid(errors)) if errors.0.iter().any(|error| error.code == "too_long") => Ok(Err(say(staff_policy::TooMany))),
        Err(Error::Invalid(errors)) => Ok(Err(errors.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// What became of the last change.
#[component]
fn Saved(submitted: Submitted) -> impl IntoView {
    let saved = match query("saved").as_deref().filter(|_| submitted.values.is_empty()) {
        Some("active") => Some(("good", say(staff_policy::Saved))),
        Some("scheduled") => Some(("move", say(staff_policy::SavedScheduled))),
        Some("draft") => Some(("warn", say(staff_policy::SavedDraft))),
        Some(_) | None => None,
    };
    let saved = saved.map(|(tone, text)| {
        view! {
            <div role="status">
                <Note tone shape=Shape::Check>{text}</Note>
            </div>
        }
    });
    view! {
        <Refusal submitted />
        {saved}
    }
}

/// The form: the policy as it is, or as it was typed.
struct Form {
    /// How many invoices would stand elsewhere by what is in it, where it was tried.
    found: Option<u64>,
    /// For which asset alone; for all when empty.
    asset: String,
    policy: Settings,
    /// As it would be if nothing were said of the asset alone.
    below: Settings,
    /// The version it was filled in from.
    number: u32,
    /// The one it makes.
    next: u32,
    submitted: Submitted,
    locks: Vec<String>,
    is_operator: bool,
    may_change: bool,
}

impl Form {
    fn view(&self, mid: MidId, now: Timestamp) -> AnyView {
        let groups = GROUPS.iter().map(|group| self.group(group)).collect_view();
        // The same words would stand there several times: each with its setting.
        let of_setting = |mut error: FieldError| {
            if let Some(setting) = settings::all().find(|setting| setting.name == error.field) {
                error.message = say(staff_policy::SaysOf { setting: &(setting.title)(), value: &error.message });
            }
            error
        };
        let named: Vec<_> = self.submitted.errors.0.iter().filter(|error| error.field != "action").cloned().map(of_setting).collect();
        let buttons = if self.may_change {
            let at_once = say(staff_policy::AtOnce);
            let live_from = rich(&staff_policy::LiveFrom { empty: &at_once }, staff_language(), |_, text| {
                view! { <span class="soft regular">{text}</span> }.into_any()
            });
            let as_for_all = (self.policy != self.below).then(|| {
                view! {
                    <button class="btn danger-quiet" name="as_for_all" value="true" data-busy=say(staff_policy::Saving)>
                        {say(staff_policy::TakeBack)}
                    </button>
                }
            });
            let earliest = now.strftime("%Y-%m-%dT%H:%M").to_string();
            view! {
                <section class="card">
                    <header>
                        <h2>{say(staff_policy::SaveTitle)}</h2>
                        <p>{say(staff_policy::SaveText)}</p>
                    </header>
                    <div class="body g4">
                        <div class="field">
                            <label for="effective_at">{live_from}</label>
                            <input
                                class="input short"
                                type="datetime-local"
                                id="effective_at"
                                name="effective_at"
                                min=earliest
                                value=self.submitted.value("effective_at").to_owned()
                                aria-describedby="effective_at-msg"
                            />
                            <FieldMessage id="effective_at-msg" message=self.submitted.error("effective_at") />
                        </div>
                        {as_for_all}
                    </div>
                </section>
            }
            .into_any()
        } else {
            view! { <StaffOnly /> }.into_any()
        };
        view! {
            <form class="g5" id="policy" method="post" action=WritePolicy::url() data-unsaved=self.unsaved().join(" ")>
                <input type="hidden" name="mid" value=mid.to_string() />
                <input type="hidden" name="asset" value=self.asset.clone() />
                <input type="hidden" name="from_version" value=self.number.to_string() />
                // First, so that Enter in a field tries, and does not save.
                {self.may_change.then(|| self.bar(mid))}
                <ErrorSummary errors=FieldErrors(named) />
                {groups}
                {buttons}
            </form>
        }
        .into_any()
    }

    /// Returns the settings that were changed and are not saved yet.
    fn unsaved(&self) -> Vec<&'static str> {
        let is_changed = |setting: &&Setting| self.typed(setting).is_some_and(|typed| typed != (setting.shown)(&self.policy));
        settings::all().filter(is_changed).map(|setting| setting.name).collect()
    }

    fn typed(&self, setting: &Setting) -> Option<String> {
        self.submitted.values.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| value.clone())
    }

    /// What stays in sight while the form is filled in: how much of it is not saved, what it would change, and what saves it.
    fn bar(&self, mid: MidId) -> AnyView {
        let unsaved = self.unsaved().len();
        let try_url = format!("{}#tried", TryPolicy::url());
        let found = self.found.map(|count| view! { <a href="#tried">{say(staff_policy::WouldChange { count })}</a> });
        view! {
            <div class="draft">
                <p class="fill sm g1">
                    <span class="semi" data-count=say(staff_policy::Unsaved { count: "{count}" }) hidden=unsaved == 0>
                        {say(staff_policy::Unsaved { count: &unsaved.to_string() })}
                    </span>
                    <span class="soft" data-untried hidden=found.is_some()>{say(staff_policy::Untried)}</span>
                    <span data-found>{found}</span>
                </p>
                <a class="btn ghost" data-discard href=self.page(mid) hidden=unsaved == 0>{say(staff_policy::Discard)}</a>
                <button class="btn" formaction=try_url data-busy=say(staff_policy::Trying)>
                    {say(staff_policy::TryIt { days: TRIED_DAYS.into() })}
                </button>
                <button class="btn primary" data-busy=say(staff_policy::Saving)>
                    {say(staff_policy::Save { number: &self.next.to_string() })}
                </button>
            </div>
        }
        .into_any()
    }

    /// Returns where the form is.
    fn page(&self, mid: MidId) -> String {
        page_of(&mid.to_string(), &self.asset)
    }

    fn group(&self, group: &'static Group) -> AnyView {
        let fields = group.settings.iter().map(|setting| self.field(setting)).collect_view();
        let is_drawn = self.may_change && group.settings.iter().any(|setting| setting.is_drawn());
        let key = is_drawn.then(|| {
            view! {
                <span class="end" aria-hidden="true">
                    <span class="split key"><i>{say(staff_policy::ToYou)}</i><i class="p">{say(staff_policy::ToPayers)}</i></span>
                </span>
            }
        });
        view! {
            <section class="card">
                <header>
                    <h2>{(group.title)()}</h2>
                    {key}
                    <p>{(group.text)()}</p>
                </header>
                <div class="body settings">{fields}</div>
            </section>
        }
        .into_any()
    }

    fn field(&self, setting: &'static Setting) -> AnyView {
        let live = (setting.shown)(&self.policy);
        let typed = self.typed(setting);
        let value = typed.clone().unwrap_or_else(|| live.clone());
        let error = self.submitted.error(setting.name);
        let is_locked = !self.is_operator && self.locks.iter().any(|lock| lock == setting.knob);
        let is_fixed = is_locked || !self.may_change;
        let title = (setting.title)();
        let locked = is_locked.then(|| say(staff_policy::Locked));
        let was = typed.filter(|typed| *typed != live).map(|_| say(staff_policy::IsNow { value: &setting.said(&live) }));
        let below = (setting.shown)(&self.below);
        let alone = (below != live).then(|| say(staff_policy::ForAllItIs { value: &setting.said(&below) }));
        let how = (matches!(setting.kind, Kind::Amounts) && !is_fixed).then(|| say(staff_policy_settings::AmountsHint));
        let hint = [Some((setting.hint)()), how, locked, alone, was].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let words = (setting.kind, setting.said(&value));
        match words {
            _ if !is_fixed => fields(setting, &value, hint, error),
            (Kind::Choice(choices), said) => {
                let text = choices.iter().find(|choice| choice.name == value).map(|choice| (choice.text)());
                kept(title, said, [text, Some(hint)])
            }
            (_, said) => kept(title, said, [None, Some(hint)]),
        }
    }
}

/// A setting that whoever looks at it may not change.
fn kept(title: String, value: String, says: [Option<String>; 2]) -> AnyView {
    let says = says.into_iter().flatten().map(|text| view! { <p class="hint">{text}</p> });
    view! { <div class="kept g1"><p class="soft">{title}</p> <p class="semi">{value}</p> {says.collect_view()}</div> }.into_any()
}
