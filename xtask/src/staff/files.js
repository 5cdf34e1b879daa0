// Files among the fields of a form: what is chosen is put into a hidden field beside it as base64, and one that is too large is refused here.

/** Reads files from now on as they are chosen. */
export function wireFiles() {
  document.addEventListener("change", async ({ target }) => {
    if (target.dataset?.into === undefined) return;
    const [file] = target.files;
    const field = target.form.querySelector(`input[type=hidden][name="${target.dataset.into}"]`);
    const most = Number(target.dataset.bytes);
    field.value = "";
    target.setCustomValidity(file && file.size > most ? target.dataset.tooLarge.replace("{size}", file.size) : "");
    if (file && target.reportValidity()) field.value = btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())));
  });
}
