// What a point of a chart says, under the pointer or the finger. Without it each point has a title.
"use strict";
{
  const tip = document.body.appendChild(document.createElement("div"));
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;

  for (const point of document.querySelectorAll(".point")) {
    const title = point.querySelector("title");
    const text = title.textContent;
    title.remove(); // or the browser shows it a second time
    const show = () => {
      tip.textContent = text;
      tip.hidden = false;
      const { width, height } = tip.getBoundingClientRect();
      const box = point.getBoundingClientRect();
      const room = document.documentElement.clientWidth - width - 8;
      tip.style.left = `${Math.max(8, Math.min(box.left, room))}px`;
      tip.style.top = `${box.top - height - 6 > 0 ? box.top - height - 6 : box.bottom + 6}px`;
    };
    point.addEventListener("pointerenter", show);
    point.addEventListener("pointerdown", show);
    point.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") tip.hidden = true; // a finger has left before it is read
    });
  }
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".point")) tip.hidden = true;
  });
  document.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
}
