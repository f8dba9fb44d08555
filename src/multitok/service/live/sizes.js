// How large it is sent: a slider a knob, the stair of what each size costs, and a budget that sets
// them. What is moved is the shape alone, and a count of a shape is a moment.
import { budgetIn } from "./budget.js";
import { asked, coalesced } from "./asking.js";
import { staircase } from "./staircase.js";
import { grouped, make, money, seconds, sides } from "./words.js";

const PLENTY = 999_999_999_999;

// The size as wide as this, in the shape's own ratio.
const scaled = (info, width) => ({
  ...info, width, height: Math.max(1, Math.round((info.height * width) / info.width)),
});

function cut(info, milliseconds) {
  const part = milliseconds / 1000 / lengthOf(info);
  if (info.modality === "audio") return { ...info, samples: Math.round(info.samples * part) };
  const { audio } = info;
  return {
    ...info, frames: Math.max(1, Math.round(info.frames * part)), duration: milliseconds / 1000,
    ...audio && { audio: { ...audio, samples: Math.round(audio.samples * part) } },
  };
}

export const lengthOf = (info) => (
  info.modality === "audio" ? info.samples / info.sample_rate
    : info.duration ?? info.frames / info.fps
);

// The knobs that a shape has: how a value of the slider changes it, and how it is said.
function knobsOf(info) {
  const knobs = [];
  if (info.width > 1) {
    knobs.push({
      name: "size", max: info.width, turn: scaled, words: (now) => `${sides(now)} px`,
      min: Math.min(info.width, Math.max(16, Math.ceil((16 * info.width) / info.height))),
      value: (now) => now.width,
    });
  }
  if (["audio", "video"].includes(info.modality) && lengthOf(info) > 0.2) {
    knobs.push({
      name: "length", max: Math.floor(lengthOf(info) * 1000), min: 100, turn: cut,
      words: (now) => seconds(lengthOf(now)), value: (now) => Math.floor(lengthOf(now) * 1000),
    });
  }
  return knobs;
}

// `moved` is called while a knob is turned, `rests` when it is let go; null is the whole.
export function sizesIn(place, { moved, rests, download }) {
  let whole = null;
  let now = null;
  let knobs = [];
  let stairs = null;
  let budget = null;
  let save = null;
  let paid = null;
  let rows = [];

  // What it costs as it stands, beside the knob: the totals may be out of sight.
  function tell() {
    const row = rows.find(({ model }) => model === budget?.model());
    if (!row || !paid) return;
    const cost = row.cost_usd ? `, ${money([row.cost_usd])}` : "";
    paid.replaceChildren(make("b", {}, grouped(row.tokens)), ` tokens${cost} `,
      make("span", {}, `for ${row.model}`));
  }

  function set(info, { resting = true } = {}) {
    now = info;
    for (const knob of knobs) knob.show();
    stairs?.stand(now.width);
    if (save) save.textContent = `Download in ${sides(now)}`;
    const changed = JSON.stringify(now) === JSON.stringify(whole) ? null : now;
    moved(changed);
    if (resting) rests(changed);
  }

  // All knobs stay where they are but this one.
  function turned(knob, value, resting) {
    let info = whole;
    for (const one of knobs) {
      const at = one === knob ? value : Number(one.slider.value);
      if (at < one.max) info = one.turn(info, at);
    }
    set(info, { resting });
  }

  function sliderOf(knob) {
    const id = `knob-${knob.name}`;
    const slider = make("input", { type: "range", id, min: knob.min, max: knob.max, step: 1 });
    const words = make("output", { for: id });
    slider.addEventListener("input", () => turned(knob, Number(slider.value), false));
    slider.addEventListener("change", () => turned(knob, Number(slider.value), true));
    knob.slider = slider;
    knob.show = () => {
      slider.value = knob.value(now);
      words.textContent = knob.words(now);
      slider.setAttribute("aria-valuetext", knob.words(now));
    };
    const name = knob.name === "size" ? "Size" : "Length";
    const stand = make("div", { class: "stand" });
    knob.stand = stand;
    return make("div", { class: "knob" },
      make("div", { class: "line" }, make("label", { for: id }, name), words), stand, slider);
  }

  const climb = coalesced(async (model) => {
    const knob = knobs.find(({ name }) => name === "size");
    if (!knob || !model || !whole) return;
    const info = whole;
    const found = await asked("/fit", { info, model, max_tokens: PLENTY }).catch(() => null);
    if (whole !== info) return;
    const points = found?.breakpoints ?? found?.sizes ?? [];
    const of = budget.tokens();
    stairs = staircase(points.map(({ width, tokens }) => [width, tokens]), knob);
    const name = make("p", {}, `tokens by size, ${model}`);
    knob.stand.replaceChildren(...stairs ? [name, stairs.chart] : []);
    stairs?.stand(now.width);
    stairs?.limit(of);
  });

  function show(info, { drawable = false } = {}) {
    whole = info;
    now = info;
    stairs = null;
    knobs = knobsOf(info);
    place.hidden = knobs.length === 0;
    if (place.hidden) return;
    const sliders = knobs.map(sliderOf);
    paid = make("p", { class: "paid" });
    budget = budgetIn({
      whole: () => whole, set, climb, limit: (n) => stairs?.limit(n), chosen: tell,
    });
    const reset = make("button", { type: "button" }, "Reset");
    reset.addEventListener("click", () => { budget.clear(); set(whole); });
    save = drawable ? make("button", { type: "button", class: "strong" }, "Download") : null;
    save?.addEventListener("click", () => download(now));
    const buttons = make("div", { class: "line ends" }, ...[save, reset].filter(Boolean));
    place.replaceChildren(...sliders, paid, budget.row, buttons);
    for (const knob of knobs) knob.show();
    if (save) save.textContent = `Download in ${sides(now)}`;
  }

  return {
    show,
    clear: () => {
      [whole, now, stairs, budget, paid] = [null, null, null, null, null];
      place.hidden = true;
      place.replaceChildren();
    },
    // What it costs now, for each model: a budget can be for those that are counted.
    counted: (found) => {
      rows = found.filter(({ tokens }) => tokens !== null);
      budget?.offer(rows.map(({ model }) => model));
      tell();
    },
  };
}
