// A form whose changes count only once they are saved: it says how many there are, the browser asks before they are lost, and what they
// would change is shown as they are made. The server does the trying; without this, a button asks for it.
import { isChanged } from "./live.js";

/** How long nobody must type before a draft is tried, in milliseconds. */
const STILL = 700;

/** Watches the page's draft, if it has one. */
export function wireDraft() {
  const form = document.querySelector("form[data-unsaved]");
  const bar = form?.querySelector(".draft");
  if (!bar) return;
  // What was not saved when the page came stands in its fields already: whether one of those was put back, the server says.
  const namesIn = ({ dataset }) => dataset.unsaved.split(" ").filter(Boolean);
  const before = namesIn(form);
  let putBack = [];
  const part = (name) => bar.querySelector(`[data-${name}]`);
  let isLeaving = false;
  let round = 0;
  let timer;

  const unsaved = () => {
    const changed = [...form.elements].filter((field) => field.name && isChanged(field)).map(settingOf);
    return new Set([...before, ...changed].filter((name) => !putBack.includes(name))).size;
  };
  const tell = () => {
    const count = unsaved();
    part("count").textContent = part("count").dataset.count.replace("{count}", count);
    part("count").hidden = part("discard").hidden = count === 0;
    part("untried").hidden = count === 0 || part("found").childElementCount > 0;
  };
  const attempt = async () => {
    const mine = ++round;
    const url = form.querySelector("[formaction]").formAction;
    const request = { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "text/html" } };
    const answer = await fetch(url, request).catch(() => undefined);
    if (!answer?.ok || answer.redirected || mine !== round) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector(".draft [data-found]");
    // Typed on meanwhile, signed out, or asked who it is: what is shown stays.
    if (!found || mine !== round) return;
    const left = namesIn(page.querySelector("form[data-unsaved]"));
    putBack = before.filter((name) => !left.includes(name));
    part("found").replaceChildren(...(left.length > 0 ? found.childNodes : []));
    document.querySelector("#tried").replaceChildren(...page.querySelector("#tried").childNodes);
    tell();
  };
  form.addEventListener("input", ({ target }) => {
    round += 1;
    putBack = putBack.filter((name) => name !== settingOf(target));
    part("found").replaceChildren();
    tell();
    clearTimeout(timer);
    timer = setTimeout(() => unsaved() > 0 && attempt(), STILL);
  });
  const leave = () => (isLeaving = true);
  document.addEventListener("submit", leave);
  part("discard").addEventListener("click", leave);
  addEventListener("beforeunload", (event) => !isLeaving && unsaved() > 0 && event.preventDefault());
  // The back button brings a page as it was left.
  addEventListener("pageshow", () => {
    isLeaving = false;
    tell();
  });
  tell();
}

/** A setting may have several fields: `claim_ttl` and `claim_ttl-unit`. */
const settingOf = ({ name }) => name.split("-")[0];
