// Shows what is typed as it will be read, puts placeholders where the cursor is, chooses a blank as a whole, keeps what is typed in
// this browser until it is saved, and asks before it is left unsaved. Without it the same is shown when one saves.
const PAUSE = 500; // milliseconds without a key
const KEPT_FOR = 7 * 24 * 3600 * 1000; // milliseconds
const KEPT = "typed ";

const read = (key) => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* no room, or not allowed */ } };
const forget = (key) => { try { localStorage.removeItem(key); } catch { /* nothing is kept then */ } };
const keys = () => { try { return Object.keys(localStorage).filter((key) => key.startsWith(KEPT)); } catch { return []; } };

// What was sent from the page that led here was saved there, or stands on this page; what is old nobody misses.
const before = document.referrer ? new URL(document.referrer).pathname : "";
for (const key of keys()) {
  const kept = read(key);
  if (!kept || Date.now() - kept.at > KEPT_FOR || (kept.sent && kept.path === before && kept.path !== location.pathname)) forget(key);
}

function keep(form) {
  const key = KEPT + form.dataset.keep, seen = form.elements.seen.value, offer = form.querySelector("[data-kept]");
  const fields = [...form.elements].filter((field) => field.matches("textarea, input[type=text]"));
  const kept = "saved" in form.dataset ? null : read(key);
  let typed = {};

  const store = (sent) => {
    const changed = fields.filter((field) => field.value !== field.defaultValue || "unsaved" in form.dataset);
    const texts = { ...typed, ...Object.fromEntries(changed.map((field) => [field.name, field.value])) };
    if (Object.keys(texts).length) write(key, { at: Date.now(), path: location.pathname, seen, sent, texts });
    else forget(key);
  };
  const decided = () => { typed = {}; offer.hidden = true; };

  // A mark that has changed since it was sent says that it was saved.
  const lost = kept && !(kept.sent && kept.seen !== seen) ? fields.filter((field) => (kept.texts[field.name] ?? field.value) !== field.value) : [];
  if (lost.length) {
    typed = kept.texts;
    offer.hidden = false;
    write(key, { ...kept, sent: false });
    addEventListener("load", () => { offer.scrollIntoView({ block: "center" }); });
    offer.querySelector("[data-put-back]").addEventListener("click", () => {
      for (const field of lost) field.value = kept.texts[field.name];
      decided();
      for (const field of lost) field.dispatchEvent(new Event("input", { bubbles: true }));
      lost[0].focus();
    });
    offer.querySelector("[data-forget]").addEventListener("click", () => { decided(); store(false); });
  } else forget(key);
  if ("unsaved" in form.dataset) store(false);

  form.addEventListener("input", () => store(false));
  form.addEventListener("submit", () => store(true));
  addEventListener("pageshow", (event) => { if (event.persisted) store(false); });
}

for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = form.querySelector("[data-shown]");
  let wait, asked = 0, unsaved = "unsaved" in form.dataset;

  keep(form);
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  const show = async () => {
    const mine = ++asked;
    shown.ariaBusy = "true";
    const typed = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(typed) }).catch(() => null);
    // An answer that is overtaken by a newer question, and one that is no answer, change nothing.
    if (answer?.ok && !answer.redirected && mine === asked) shown.innerHTML = await answer.text();
    if (mine === asked) shown.ariaBusy = "false";
  };
  const names = shown ? shown.dataset.shown.split(" ") : [];
  form.addEventListener("input", (event) => {
    if (!names.includes(event.target.name)) return;
    clearTimeout(wait);
    wait = setTimeout(show, PAUSE);
  });

  form.addEventListener("click", ({ target }) => {
    if (!target.matches("textarea, input[type=text]") || target.selectionStart !== target.selectionEnd) return;
    for (const { 0: blank, index } of target.value.matchAll(/\[\[[^[\]]+\]\]/g)) {
      const end = index + blank.length;
      if (index <= target.selectionStart && target.selectionStart < end) target.setSelectionRange(index, end);
    }
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
