// Ctrl K: go to anything. Pages are those of the navigation, refunds and invoices what the lists find: no way in of its own.
import { show, templated } from "./keys.js";

/** How long typing rests before the lists are asked, in milliseconds. */
const RESTS = 250;
/** How many rows of each list are shown. */
const ROWS = 4;

/** Opens the palette. */
export function openPalette() {
  const dialog = templated("palette");
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("ul");
  const status = dialog.querySelector("[role=status]");
  let options = [];
  let at = 0;
  let asked = 0;

  const point = (to) => {
    at = Math.min(Math.max(to, 0), options.length - 1);
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    if (options.length > 0) input.setAttribute("aria-activedescendant", `goes-to-${at}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const fill = (found) => {
    options = found;
    list.replaceChildren(...found.map(({ title, more }, index) => {
      const item = Object.assign(document.createElement("li"), { id: `goes-to-${index}`, role: "option", className: "row" });
      item.append(Object.assign(document.createElement("b"), { textContent: title }), Object.assign(document.createElement("span"), { className: "soft sm", textContent: more }));
      item.onclick = () => open(index);
      return item;
    }));
    status.textContent = found.length === 1 ? status.dataset.one : status.dataset.many.replace("{count}", found.length);
    point(0);
  };
  const open = (index) => options[index] && location.assign(options[index].url);
  const ask = async () => {
    const text = input.value.trim();
    const mine = (asked += 1);
    const own = pages().filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()));
    if (text === "") return fill(own);
    const searches = searchesFor(text, list.dataset);
    fill([...own, ...searches]);
    await new Promise((resume) => setTimeout(resume, RESTS));
    if (mine !== asked) return;
    const found = (await Promise.all([rowsOf(list.dataset.refund, "/refunds", text), rowsOf(list.dataset.invoice, "/invoices", text)])).flat();
    if (mine === asked && dialog.open) fill([...found, ...own, ...searches]);
  };
  input.oninput = ask;
  input.onkeydown = (event) => {
    const acts = { ArrowDown: () => point(at + 1), ArrowUp: () => point(at - 1), Enter: () => open(at) };
    if (!acts[event.key] || event.isComposing) return;
    event.preventDefault();
    acts[event.key]();
  };
  show(dialog);
  ask();
}

/** The pages that the role has use for, and those that settings lead to. */
function pages() {
  const links = [...document.querySelectorAll(".side nav a[href], .top a.btn[href], .subnav a[href]")];
  const url = (link) => new URL(link.href).pathname;
  const seen = new Set();
  const isNew = (link) => !seen.has(url(link)) && seen.add(url(link));
  return links.filter(isNew).map((link) => ({ title: (link.dataset.title ?? link.textContent).trim(), more: "", url: link.href }));
}

function searchesFor(text, { searchRefunds, searchInvoices, searchFor }) {
  const query = new URLSearchParams({ q: text });
  const more = searchFor.replace("{text}", () => text);
  return [
    { title: searchRefunds, more, url: `/refunds?${query}` },
    { title: searchInvoices, more, url: `/invoices?${query}` },
  ];
}

/** What a list finds: the first rows of its page, called as `what` says. A list that does not answer finds nothing. */
async function rowsOf(what, path, text) {
  try {
    const answer = await fetch(`${path}?${new URLSearchParams({ q: text })}`, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = [...page.querySelectorAll("main tbody tr")].slice(0, ROWS);
    return rows.flatMap((row) => {
      const link = row.querySelector(`a[href^="${path}/"]`);
      const amount = row.querySelector(".amt")?.textContent.trim() ?? "";
      const more = [amount, row.querySelector(".pill")?.textContent.trim() ?? ""].filter(Boolean).join(", ");
      return link ? [{ title: what.replace("{reference}", () => link.textContent.trim()), more, url: link.getAttribute("href") }] : [];
    });
  } catch {
    return [];
  }
}
