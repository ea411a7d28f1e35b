// Keeps a page's regions as the server says they are. Everything works without it, but does not move.
"use strict";

const regionOf = id => document.getElementById(id);
const escape = value => CSS.escape(value);

// How to find the element with the focus again, in markup that is new.
function nameOf(element) {
  if (element.id) { return `#${escape(element.id)}`; }
  if (element.matches("a[href]")) { return `a[href="${escape(element.getAttribute("href"))}"]`; }
  return element.matches(".scroll, summary") ? element.localName + (element.className ? "." + element.className : "") : "";
}

const isBusy = region => region.contains(document.activeElement) && document.activeElement.matches("select, input[type=search], input:not([type])");

// What the reader has ticked, opened or begun to type stays.
function replace(region, html) {
  const ticked = [...region.querySelectorAll("input[type=checkbox]:checked")].map(box => box.id);
  const open = [...region.querySelectorAll("details")].map(details => details.open);
  const chosen = [...region.querySelectorAll("select")].map(select => [select.id, select.value]);
  const focused = region.contains(document.activeElement) ? nameOf(document.activeElement) : "";
  const scrolled = [...region.querySelectorAll(".scroll")].map(box => [box.scrollLeft, box.scrollTop]);
  region.innerHTML = html;
  ticked.forEach(id => { const box = document.getElementById(id); if (box) { box.checked = true; } });
  chosen.forEach(([id, value]) => { const select = document.getElementById(id); if (select) { select.value = value; } });
  region.querySelectorAll("details").forEach((details, i) => { details.open = open[i] || false; });
  region.querySelectorAll(".scroll").forEach((box, i) => { if (scrolled[i]) { [box.scrollLeft, box.scrollTop] = scrolled[i]; } });
  if (focused) { const again = region.querySelector(focused); if (again) { again.focus({ preventScroll: true }); } }
}

function show(regions) {
  for (const [id, html] of Object.entries(regions)) {
    const region = regionOf(id);
    if (region && !["find", "changes"].includes(id) && !isBusy(region)) { replace(region, html); }
  }
}

const live = new EventSource(document.body.dataset.live);
let lost = false;
live.onmessage = message => {
  if (lost) { lost = false; regionOf("banner").textContent = ""; }
  show(JSON.parse(message.data));
};
live.onerror = () => {
  lost = true;
  regionOf("banner").innerHTML = '<p class="problem"><strong>The dashboard does not answer.</strong> What you see is what was seen last.</p>';
};
