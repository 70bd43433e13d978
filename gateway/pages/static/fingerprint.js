// The SHA-256 of a file, put into a field. The file is read here and goes nowhere.
for (const box of document.querySelectorAll("[data-fingerprint]")) {
  const field = document.getElementById(box.dataset.fingerprint);
  const said = box.querySelector("[data-said]");
  box.hidden = !globalThis.crypto?.subtle;
  box.querySelector("input").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    field.value = "sha256:" + Array.from(digest, (one) => one.toString(16).padStart(2, "0")).join("");
    said.textContent = said.dataset.said;
  });
}
