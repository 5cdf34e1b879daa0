// Passkeys: a form marked `data-passkey` asks the server what to ask the browser, lets a passkey answer, and is posted with the answer. What
// an answer is worth is the server's to say. Loaded where such a form is.
const { PublicKeyCredential: known } = window;
const isKnown = known?.parseCreationOptionsFromJSON && known.parseRequestOptionsFromJSON;

/** Lets passkeys fill in these forms; takes them away where the browser knows none. */
export function wirePasskeys(forms) {
  for (const form of forms) {
    if (isKnown) form.addEventListener("submit", (event) => fillIn(form, event));
    else form.hidden = true;
  }
}

async function fillIn(form, event) {
  event.preventDefault();
  // Sent already: the browser asks its person at this moment.
  if (form.hasAttribute("data-sent") || !navigator.onLine) return;
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button");
  const text = [...button.childNodes];
  said.hidden = true;
  try {
    const asked = await fetch(form.dataset.passkey, { method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams() });
    // To sign in, or to prove who it is.
    if (asked.redirected) return location.assign(asked.url);
    if (!asked.ok) throw new Error(`the server answered ${asked.status}`);
    const options = JSON.parse(await asked.json());
    const credential =
      "makes" in form.dataset
        ? await navigator.credentials.create({ publicKey: known.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: known.parseRequestOptionsFromJSON(options) });
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    // Not as the button does: it is busy, and has done its part.
    form.submit();
  } catch (error) {
    said.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.silent;
    said.hidden = false;
    form.removeAttribute("data-sent");
    button.removeAttribute("aria-disabled");
    button.replaceChildren(...text);
  }
}
