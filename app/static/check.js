// The check's page without loads of the page: a check that is due begins by itself, how far it is stands there, a test is sent by
// one press. Without a script the page loads itself anew while a check is under way, and its buttons do the rest.
const EVERY = 1000;
let address = location.href; // with what it says once, such as that addresses were vouched for; who comes back is not told again
history.replaceState(null, "", location.pathname + location.hash);
const here = () => document.getElementById("progress");

function show(text, pressed = false) {
  const next = new DOMParser().parseFromString(text, "text/html").getElementById("progress");
  if (!next) return false;
  if (next.dataset.open === "test" && here().dataset.open === "test" && !pressed) return true; // nothing new: what is unfolded stays so
  const held = here().contains(document.activeElement);
  here().replaceWith(next);
  const told = next.querySelector("[role=status]");
  if (held && told) {
    told.tabIndex = -1; // so that it is read aloud, and the next press of the tab key goes on from there
    told.focus();
  }
  return true;
}

async function send(form) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.ok && show(await answer.text(), true)) {
      address = answer.url;
      return look();
    }
  } catch {
    // It is sent as without a script.
  }
  form.submit();
}

async function look() {
  if (!here().hasAttribute("data-open")) return;
  await new Promise((resolve) => setTimeout(resolve, EVERY));
  try {
    const answer = await fetch(address);
    if (!here().querySelector("input:focus")) show(await answer.text());
  } catch {
    // It is tried again.
  }
  look();
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("#progress form[data-here]")) return;
  event.preventDefault();
  send(event.target);
});
const due = document.querySelector("#progress form[data-at-once]");
if (due) send(due);
else look();
