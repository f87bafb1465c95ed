// Hands an address to the phone's own way of sending things round, or copies it. Without it the address stands there as a link.
const place = document.querySelector("[data-share]");
const may = navigator.share ? "share" : navigator.clipboard && "copy"; // browsers offer both on https and on localhost only

async function hand(url) {
  if (may === "share") return navigator.share({ url });
  await navigator.clipboard.writeText(url);
  const told = place.querySelector("[role=status]");
  told.textContent = told.dataset.done;
}

if (place && may) {
  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => { hand(place.dataset.share).catch(() => {}); }); // who thinks better of it is not told off
}
