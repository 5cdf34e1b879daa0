// Reads an address out of a QR code with the camera. Loaded when somebody asks for it, in browsers that can read such codes.
export async function scan(button) {
  const field = document.getElementById(button.dataset.scan);
  const says = document.getElementById(`${button.dataset.scan}-scan`);
  says.textContent = "";
  const camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).catch(() => undefined);
  if (!camera) {
    says.textContent = button.dataset.refused;
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", button.dataset.title);
  const video = Object.assign(document.createElement("video"), { playsInline: true, muted: true, srcObject: camera });
  const stop = Object.assign(document.createElement("button"), { type: "button", className: "btn lg", textContent: button.dataset.stop });
  stop.onclick = () => dialog.close();
  dialog.append(video, stop);
  document.body.append(dialog);
  dialog.showModal();
  try {
    // Refused only when the dialog is closed before the first picture.
    video.play().catch(() => {});
    const text = await read(video, dialog);
    if (text) {
      field.value = text;
      // The field takes the address out and judges it as if it was typed: also the code of another network.
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  } finally {
    camera.getTracks().forEach((track) => track.stop());
    dialog.remove();
    field.focus();
  }
}

async function read(video, dialog) {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  while (dialog.open) {
    const hasPicture = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    const [found] = hasPicture ? await detector.detect(video) : [];
    if (found) return found.rawValue;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
