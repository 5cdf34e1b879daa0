// Keys of the dashboard. Single keys work only while nobody types, and can be switched off (WCAG 2.1.4).
import { openPalette } from "./palette.js";
import { toggle } from "./selection.js";

const OFF = "single-keys-off";
const PAGES = { o: "/", r: "/refunds", i: "/invoices", p: "/policies", s: "/settings/webhooks" };
/** How long `G` waits for its second key, in milliseconds. */
const WAITS = 1500;
const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

let leads = 0;

/** Answers keys from now on. */
export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey) return withControl(event);
    if (event.altKey || event.isComposing || document.querySelector("dialog[open]") || event.target.closest(FIELDS)) return;
    if (event.key !== "?" && localStorage.getItem(OFF)) return;
    const act = event.timeStamp < leads ? () => goTo(PAGES[event.key.toLowerCase()]) : single(event);
    leads = 0;
    if (act?.() !== false && act) event.preventDefault();
  });
}

function withControl(event) {
  if (event.key.toLowerCase() === "k" && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    openPalette();
  }
  if (event.key === "Enter") {
    const form = event.target.closest("main form");
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button:not([type=button])"));
  }
}

/** Returns what a single key does; nothing when it does nothing here. */
function single(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const acts = {
    "/": () => focus("input[type=search]"),
    "?": openShortcuts,
    g: () => void (leads = event.timeStamp + WAITS),
    n: () => goTo("/refunds/new"),
    j: () => move(1),
    k: () => move(-1),
    x: () => select(event.shiftKey),
    a: approve,
    c: () => click("main button[data-copy*='/claim/']"),
    e: () => click("main a[download]"),
    Escape: () => focus("main .cur a"),
  };
  return acts[key];
}

function focus(selector) {
  const found = [...document.querySelectorAll(selector)].find((element) => element.checkVisibility());
  if (!found) return false;
  found.focus();
}

function click(selector) {
  const found = document.querySelector(selector);
  if (!found) return false;
  found.click();
}

/** Goes where a link of the page's frame leads: what a role has no use for has none. */
function goTo(path) {
  return path ? click(`:is(.side, .top) a[href="${path}"]:not(.brand)`) : false;
}

const rows = () => [...document.querySelectorAll("main tbody tr")].filter((row) => row.querySelector("td a[href]"));

function move(by) {
  const all = rows();
  const from = all.findIndex((row) => row.classList.contains("cur"));
  const row = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  if (!row) return false;
  pointAt(row);
}

/** Makes a row the one that keys are about. Its link has the focus, so Enter opens it. */
export function pointAt(row) {
  for (const other of document.querySelectorAll("main tr.cur")) {
    other.classList.remove("cur");
    other.removeAttribute("aria-current");
  }
  row.classList.add("cur");
  row.setAttribute("aria-current", "true");
  row.querySelector("td a[href]").focus();
}

function select(isRange) {
  const tick = document.querySelector("main tr.cur input[name=id]");
  if (!tick) return false;
  toggle(tick, isRange);
}

/** Approving takes a second step: the button is only pointed at, the selection only looked at. */
function approve() {
  const bulk = document.querySelector(".selection:has(input:checked) .bulk [value=approve]");
  if (bulk) return bulk.click();
  const own = document.querySelector("main details:has(form[action$='/approve_refund'])");
  if (own) own.open = true;
  return own ? focus("main form[action$='/approve_refund'] button") : false;
}

function openShortcuts() {
  const dialog = templated("keys");
  const isOn = dialog.querySelector(".switch");
  isOn.checked = !localStorage.getItem(OFF);
  isOn.onchange = () => (isOn.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "off"));
  show(dialog);
}

/** Returns a dialog that the page brought along as a template, in the page's language. */
export function templated(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Shows a dialog that is gone once it is closed; the focus goes back to where it was. */
export function show(dialog) {
  dialog.onclose = () => dialog.remove();
  // Beside it. A handler that returned false would stop what is inside.
  dialog.onclick = ({ target }) => void (target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}
