// What the scripts of a page stand on, so that this file is the first of them: elements, and the tip
// that tells what lies under the pointer, the finger or the arrow keys. They read attributes and
// write text; nothing from outside becomes markup.
"use strict";
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

function make(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

// --- what is told of the token under the pointer, the finger or the arrow keys -----------------

const tip = document.body.appendChild(make("div", { class: "tip", role: "status" }));
tip.hidden = true;
const grouped = (n) => Math.round(n).toLocaleString("en-US");
const many = (n, what) => `${grouped(n)} ${what}${n === 1 ? "" : "s"}`;

// `lines` above `box`, or below it where there is no room, or at the top of a window that it fills.
function tell(lines, box) {
  tip.replaceChildren(...lines.filter(Boolean).map((line) => make("div", {}, line)));
  (document.querySelector("dialog[open]") ?? document.body).append(tip);
  tip.hidden = false;
  tip.style.left = "0"; // or it is measured as narrow as the room beside the place before
  const { width, height } = tip.getBoundingClientRect();
  const room = document.documentElement.clientWidth - width - 8;
  tip.style.left = `${Math.max(8, Math.min(box.left, room))}px`;
  const [above, below] = [box.top - height - 6, box.bottom + 6];
  const over = document.documentElement.clientHeight < below + height && box.top < 0;
  tip.style.top = `${above > 0 ? above : over ? 8 : below}px`;
}

// Something with tokens: `at` gives what is under a point, `next` what a key leads to, `mark`
// shows it and tells of it; null takes the mark away.
function explored(area, { at, next, mark }) {
  let now = null;
  const go = (to) => { now = to; mark(to); if (to === null) tip.hidden = true; };
  area.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") go(at(event));
  });
  area.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") go(null);
  });
  area.addEventListener("click", (event) => go(at(event)));
  area.addEventListener("blur", () => go(null));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && now !== null) {
      event.preventDefault();
      go(null);
    }
    const to = next(now, event.key);
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });
  addEventListener("scroll", () => { if (now !== null) mark(now); }, { passive: true, capture: true });
}

document.documentElement.classList.add("alive"); // what stands in for the tip by style alone ends
