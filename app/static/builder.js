// Shows what is typed as it will be read, puts placeholders where the cursor is, and asks before what was typed is left unsaved. Without
// it the same is shown when one saves.
const PAUSE = 500; // milliseconds without a key

for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = form.querySelector("[data-shown]");
  let wait, asked = 0, unsaved = false;

  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  const show = async () => {
    const mine = ++asked;
    const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(typed) }).catch(() => null);
    // An answer that is overtaken by a newer question, and one that is no answer, change nothing.
    if (answer?.ok && !answer.redirected && mine === asked) shown.innerHTML = await answer.text();
  };
  const names = shown ? shown.dataset.shown.split(" ") : [];
  form.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(wait);
    wait = setTimeout(show, PAUSE);
  });

  for (const words of form.querySelectorAll("[data-by-hand]")) words.hidden = !words.hidden;
  let field = form.elements.body;
  form.addEventListener("focusin", (event) => {
    if (names.includes(event.target.name)) field = event.target;
  });
  for (const code of form.querySelectorAll("[data-insert]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "second small";
    button.dir = "ltr";
    button.textContent = code.textContent;
    button.addEventListener("click", () => {
      field.setRangeText(code.textContent, field.selectionStart, field.selectionEnd, "end");
      field.focus();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    code.replaceWith(button);
  }
}
