// Keeps the part of a report that changes up to date while somebody looks at it. Without it, the page is as it was opened.
const EVERY = 20_000, MOST = 180;
const live = document.querySelector("[data-live]");
let times = 0;

async function renew() {
  if (document.hidden || live.contains(document.activeElement)) return;
  if (++times > MOST) return clearInterval(timer); // nobody watches for an hour; the browser must not keep them signed in
  const answer = await fetch(live.dataset.live, { redirect: "error" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh) return;
  for (const details of live.querySelectorAll("details")) {
    const other = fresh.querySelector(`#${details.id}`);
    if (other) other.open = details.open;
  }
  live.replaceChildren(...fresh.childNodes);
}

const timer = live && setInterval(() => renew().catch(() => {}), EVERY);
