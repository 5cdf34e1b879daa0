// Loads the browser's program and wakes up the islands of the page. A file of its own, because the content security policy
// allows no inline script. The walk follows Leptos' island_script.js: a parent's island is hydrated before its children's.
// The first paint comes first: what the program costs the line and the processor is spent after it.
await new Promise((resume) => {
  // Told of once it is on the screen, but not in every browser, nor in a tab that nobody sees.
  new PerformanceObserver(resume).observe({ type: "largest-contentful-paint", buffered: true });
  requestAnimationFrame(() => setTimeout(resume, 100));
});
// Staff's own script; payers' pages do without.
const staff = document.body.classList.contains("app") ? import("./staff.js") : undefined;
const forms = document.querySelectorAll("form[data-passkey]");
const passkeys = forms.length > 0 ? import("./passkeys.js") : undefined;
const wasm = fetch(new URL("./refundry.wasm", import.meta.url));
const { default: init, ...program } = await import("./refundry.js");

const parents = [];

async function wake(element) {
  const isChildren = element.localName === "leptos-children";
  if (element.localName === "leptos-island") {
    const hydrate = program[element.dataset.component];
    if (!hydrate) throw new Error(`the bundle has no island ${element.dataset.component}: rebuild it`);
    parents.at(-1)?.();
    // Whoever types meanwhile comes first.
    await new Promise((resume) => setTimeout(resume));
    await hydrate(element);
  }
  if (isChildren) parents.push(element.$$on_hydrate);
  for (const child of element.children) await wake(child);
  if (isChildren) parents.pop();
}

// A QR reader costs nothing until somebody asks for it, and is not offered where the browser has none.
if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) {
  for (const button of document.querySelectorAll("button[data-scan]")) {
    button.hidden = false;
    button.onclick = async () => (await import("./scan.js")).scan(button);
  }
}

await init({ module_or_path: wasm });
program.hydrate();
await wake(document.body);
await staff;
(await passkeys)?.wirePasskeys(forms);
document.documentElement.dataset.ready = "";
