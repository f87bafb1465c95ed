// Lets the browser make a passkey, or show one, and sends what it says with the form. Where the browser cannot, the form
// stays hidden and codes do the same.
for (const form of document.querySelectorAll("form[data-create], form[data-get]")) {
  const key = window.PublicKeyCredential;
  if (!key?.parseCreationOptionsFromJSON || !key.parseRequestOptionsFromJSON) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { create, get } = form.dataset;
    try {
      const credential = create
        ? await navigator.credentials.create({ publicKey: key.parseCreationOptionsFromJSON(JSON.parse(create)) })
        : await navigator.credentials.get({ publicKey: key.parseRequestOptionsFromJSON(JSON.parse(get)) });
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      const failed = form.querySelector("[data-failed]");
      failed.setAttribute("role", "alert");
      failed.hidden = false;
    }
  });
}
