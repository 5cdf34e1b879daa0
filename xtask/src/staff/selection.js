// Ticked refunds: how many, and what they are worth, asset by asset. The form works without; this only says what it is about.

const ticks = (form) => [...form.querySelectorAll("tbody input[name=id]")];
let last;

/** Counts what is ticked from now on, also in a list that is replaced. */
export function wireSelection() {
  prepareSelection();
  document.addEventListener("change", ({ target }) => {
    const form = target.closest("form.selection");
    if (!form) return;
    if (target.dataset.every !== undefined) for (const tick of ticks(form)) tick.checked = target.checked;
    tell(form);
  });
  document.addEventListener("click", (event) => {
    if (event.target.matches(".selection input[name=id]")) reach(event.target, event.shiftKey);
  });
}

/** Makes a list ready that was just put into the page: adds the box that ticks all of it. */
export function prepareSelection() {
  const form = document.querySelector("form.selection");
  const head = form?.querySelector("thead th");
  if (!head) return;
  const every = Object.assign(document.createElement("input"), { type: "checkbox", ariaLabel: form.dataset.tickAll });
  every.dataset.every = "";
  head.replaceChildren(every);
  tell(form);
}

/** Ticks a row or clears it; with `isRange` also the rows between it and the one before. */
export function toggle(tick, isRange) {
  tick.checked = !tick.checked;
  reach(tick, isRange);
  tell(tick.form);
}

function reach(tick, isRange) {
  const all = ticks(tick.form);
  const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((one, other) => one - other);
  if (isRange && from >= 0) for (const between of all.slice(from, to + 1)) between.checked = tick.checked;
  last = tick;
}

function tell(form) {
  const all = ticks(form);
  const chosen = all.filter((tick) => tick.checked);
  const every = form.querySelector("[data-every]");
  every.checked = chosen.length > 0 && chosen.length === all.length;
  every.indeterminate = chosen.length > 0 && chosen.length < all.length;
  const isAll = form.elements.all?.checked;
  const count = form.querySelector("[data-selected]");
  count.textContent = isAll ? count.dataset.all : count.dataset.selected.replace("{count}", chosen.length);
  const worth = form.querySelector("[data-marks]");
  worth.textContent = isAll ? "" : sums(chosen, worth.dataset.marks);
}

/** Exact sums: amounts are decimals, so they are added as integers. Written with the marks of thousands and decimals. */
function sums(chosen, [thousands, point]) {
  const scale = 18;
  const byUnit = new Map();
  for (const { dataset: { amount, unit } } of chosen) {
    const [whole, part = ""] = amount.split(".");
    const sum = byUnit.get(unit) ?? { units: 0n, digits: 0 };
    byUnit.set(unit, { units: sum.units + BigInt(whole + part.padEnd(scale, "0")), digits: Math.max(sum.digits, part.length) });
  }
  const text = ([unit, { units, digits }]) => {
    const all = units.toString().padStart(scale + 1, "0");
    const whole = all.slice(0, -scale).replace(/\B(?=(\d{3})+$)/g, thousands);
    return `${whole}${digits > 0 ? `${point}${all.slice(-scale, -scale + digits || undefined)}` : ""} ${unit}`;
  };
  return [...byUnit].map(text).join(" + ");
}
