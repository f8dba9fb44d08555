// The report, as `multitok inspect --html` writes it, in a frame without an origin: its script can
// reach nothing here, and of what it says a number is taken, its height.
import { make } from "./words.js";

const HIGHEST = 200_000;
const AGAIN = 60;

export function reportIn(place) {
  let shown = null;
  let coming = null;

  addEventListener("message", ({ source, origin, data }) => {
    const frame = [coming, shown].find((one) => one?.contentWindow === source);
    const height = Number(data?.height);
    if (!frame || origin !== "null" || !(height > 0)) return;
    frame.style.height = `${Math.min(Math.ceil(height), HIGHEST)}px`;
    if (frame === coming) swap();
  });

  // The old one stays until the new one is there, so that nothing jumps.
  function swap() {
    shown?.remove();
    [shown, coming] = [coming, null];
    shown.classList.remove("coming");
    place.classList.remove("stale");
  }

  function show(page) {
    coming?.remove();
    const frame = make("iframe", { sandbox: "allow-scripts", title: "the report", class: "coming" });
    frame.srcdoc = page;
    frame.addEventListener("load", () => askHeight(frame));
    coming = frame;
    place.hidden = false;
    place.append(frame);
  }

  // Until it tells one: a frame that is not drawn yet may have no size.
  function askHeight(frame) {
    if (frame !== coming) return;
    frame.contentWindow.postMessage("height", "*");
    setTimeout(askHeight, AGAIN, frame);
  }

  return {
    show,
    stale: () => place.classList.add("stale"),
    clear: () => {
      place.hidden = true;
      place.replaceChildren();
      [shown, coming] = [null, null];
    },
  };
}
