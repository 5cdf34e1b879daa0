// News as they come: `main[data-live]` names a stream of server-sent events that tells how far what the page shows is. When that is further
// than the page, the page is asked for again and what is shown is replaced; what somebody is in the midst of stays until they want the new.
import { pointAt } from "./keys.js";
import { prepareSelection } from "./selection.js";

/** How long a lost connection is borne before it is said, in milliseconds: streams end by themselves now and then. */
const BORNE = 8000;
/** How long to wait where the server lets no stream through, in milliseconds. */
const ASK_AGAIN = 30_000;

const main = document.querySelector("main");
let source;
let lost;
/** How far what is shown or offered is: no page is asked for twice for that. */
let known = main?.dataset.seen;
/** Whether a newer page waits until somebody wants it. */
let isOffered = false;

/** Follows the page's stream, if it has one. */
export function watch() {
  if (!main?.dataset.live) return;
  // Kept for the back button, a page must not listen; shown again, it must look.
  addEventListener("pagehide", () => source?.close());
  connect();
}

function connect() {
  source = new EventSource(main.dataset.live);
  // Streams say again and again how far it is, and so a page that could not be had is asked for again.
  source.onmessage = ({ data }) => (data === known ? heal() : refresh(data));
  source.onerror = () => {
    lose();
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, ASK_AGAIN);
  };
}

/** Says that what is shown may be old, unless that passes. */
function lose() {
  const since = clock();
  lost ??= setTimeout(() => say(main.dataset.lost.replace("{time}", since)), BORNE);
}

function heal() {
  clearTimeout(lost);
  lost = undefined;
  if (bar()?.dataset.about === "lost") bar().remove();
  if (isOffered && !bar()) offer();
}

/** Asks for the page again and shows it, unless somebody is in the midst of something. */
async function refresh(stage, isWanted = false) {
  known = stage;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => undefined);
  if (!answer?.ok) {
    known = main.dataset.seen;
    return lose();
  }
  // Signed out, or another page by now: it says so itself when it is asked for.
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  if (answer.redirected || !fresh?.dataset.live) return;
  heal();
  if (!isWanted && isBusy()) return offer();
  const ticked = new Set([...main.querySelectorAll("input[name=id]:checked")].map(({ value }) => value));
  const isAll = main.querySelector(".selection [name=all]")?.checked;
  const row = main.querySelector("tr.cur a[href]")?.getAttribute("href");
  const focused = main.contains(document.activeElement) && document.activeElement.matches("a[href]") ? document.activeElement.getAttribute("href") : undefined;
  main.replaceChildren(...fresh.childNodes);
  known = main.dataset.seen = fresh.dataset.seen;
  if (isOffered) bar()?.remove();
  isOffered = false;
  for (const tick of main.querySelectorAll("input[name=id]")) tick.checked = ticked.has(tick.value);
  if (isAll) main.querySelector(".selection [name=all]").checked = true;
  for (const button of main.querySelectorAll("button[data-copy]")) button.hidden = !navigator.clipboard?.writeText;
  prepareSelection();
  const link = (href) => href && [...main.querySelectorAll("a[href]")].find((one) => one.getAttribute("href") === href);
  const cursor = link(row)?.closest("tr");
  if (cursor) pointAt(cursor);
  else link(focused)?.focus();
}

/** Says whether a field has something else in it than it came with. */
export function isChanged(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  // A select that names no option begins with its first.
  if (field.matches("select")) return field.selectedIndex !== Math.max([...field.options].findLastIndex((option) => option.defaultSelected), 0);
  return field.value !== field.defaultValue;
}

/** Says whether somebody types, or has opened or filled in something that would be lost. */
function isBusy() {
  const isTyping = main.contains(document.activeElement) && document.activeElement.matches("input:not([type=checkbox]), textarea, select");
  const fields = [...main.querySelectorAll("input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select")];
  return isTyping || main.querySelector("details[open] form, form details[open], form[data-sent]") !== null || fields.some(isChanged) || document.querySelector("dialog[open]") !== null;
}

const bar = () => document.querySelector("#live");

function say(text, about = "lost") {
  bar()?.remove();
  const notice = Object.assign(document.createElement("div"), { id: "live", className: "notice warn live", role: "status" });
  notice.dataset.about = about;
  main.before(notice);
  // Put in after its box, so that it is heard.
  notice.append(Object.assign(document.createElement("div"), { textContent: text }));
  return notice;
}

function offer() {
  isOffered = true;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn sm", textContent: main.dataset.show });
  button.onclick = () => {
    refresh(known, true);
  };
  say(main.dataset.changed, "changed").append(button);
}

const clock = () => new Date().toISOString().slice(11, 16) + " UTC";
