// While a job is under way, looks every two seconds how far it is. Without a script its reader presses "Look again".
const look = async () => {
  const place = document.querySelector("#progress[data-open]");
  if (!place) return;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("progress");
    if (next && !place.contains(document.activeElement)) place.replaceWith(next);
  } catch {
    // It is tried again.
  }
  setTimeout(look, 2000);
};
setTimeout(look, 2000);
