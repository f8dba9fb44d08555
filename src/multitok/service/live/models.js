// Which models it is counted for: a search over the catalogue, and a chip for each that was chosen.
import { broken, make } from "./words.js";

const SHOWN = 50;
const $$ = (id) => document.getElementById(id);

const today = new Date().toISOString().slice(0, 10);
const window_ = (n) => (n === null ? "" : n >= 1e6 ? `${+(n / 1e6).toFixed(2)}M` : `${Math.round(n / 1e3)}K`);

export function modelBox(changed) {
  const [field, chips, search, list] = ["field", "chips", "search", "found"].map($$);
  let known = [];
  let chosen = [];
  let found = [];
  let at = -1;
  let idle = "the usual ones";

  function choose(id) {
    chosen = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
    draw();
    changed();
  }

  function draw() {
    chips.replaceChildren(...chosen.map((id) => {
      const off = make("button", { type: "button", "aria-label": `remove ${id}` }, "×");
      off.addEventListener("click", () => { choose(id); search.focus(); });
      return make("li", {}, make("span", {}, ...broken(id)), off);
    }));
    search.placeholder = chosen.length ? "another" : `${idle}; type to choose`;
  }

  // Each word stands in the name or its maker; the very name comes first, then those that begin so,
  // and among these what answers before what is for another task, or is gone.
  function matching(typed) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = known.filter(({ text }) => words.every((word) => text.includes(word)));
    const far = ({ id }) => {
      const name = id.toLowerCase();
      return name === words[0] ? 0 : words.length && name.startsWith(words[0]) ? 1 : 2;
    };
    const late = ({ task, retired }) => (retired && retired <= today ? 2 : task === "chat" ? 0 : 1);
    const order = (model) => 3 * far(model) + late(model);
    return fits.sort((one, other) => order(one) - order(other));
  }

  function open() {
    found = matching(search.value);
    at = search.value.trim() && found.length ? 0 : -1;
    const options = found.slice(0, SHOWN).map((model, i) => {
      const about = [model.owned_by, window_(model.context_window), model.modalities.join(", ")];
      const option = make("li", { role: "option", id: `option-${i}` },
        make("b", {}, ...broken(model.id)), make("small", {}, about.filter(Boolean).join(" · ")));
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); take(i); });
      return option;
    });
    const rest = found.length - SHOWN;
    const more = found.length === 0 ? "no model of the catalogue is named so"
      : rest > 0 ? `and ${rest} more: type on` : "";
    list.replaceChildren(...options);
    if (more) list.append(make("li", { role: "presentation", class: "more" }, more));
    list.hidden = false;
    search.setAttribute("aria-expanded", "true");
    mark();
  }

  function close() {
    list.hidden = true;
    search.setAttribute("aria-expanded", "false");
    search.removeAttribute("aria-activedescendant");
  }

  function mark() {
    list.querySelectorAll("[role=option]").forEach((option, i) => {
      option.setAttribute("aria-selected", chosen.includes(found[i].id));
      option.classList.toggle("at", i === at);
    });
    if (at < 0) return search.removeAttribute("aria-activedescendant");
    search.setAttribute("aria-activedescendant", `option-${at}`);
    return $$(`option-${at}`).scrollIntoView({ block: "nearest" });
  }

  function take(i) {
    search.value = "";
    choose(found[i].id);
    close();
  }

  function move(event) {
    if (list.hidden) open();
    const last = Math.min(found.length, SHOWN) - 1;
    if (event.key === "ArrowDown") at = at >= last ? 0 : at + 1;
    else at = at <= 0 ? last : at - 1;
    if (last < 0) at = -1;
    mark();
  }

  search.addEventListener("input", open);
  search.addEventListener("click", () => { if (list.hidden) open(); });
  search.addEventListener("blur", close);
  search.addEventListener("keydown", (event) => {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") move(event);
    else if (key === "Enter" && !list.hidden && at >= 0) take(at);
    else if (key === "Escape" && !list.hidden) close();
    else if (key === "Escape") search.value = "";
    else if (key === "Backspace" && !search.value && chosen.length) choose(chosen.at(-1));
    else return;
    if (key !== "Backspace") event.preventDefault();
  });
  field.addEventListener("pointerdown", (event) => {
    if (event.target !== field && event.target !== chips) return;
    event.preventDefault();
    search.focus();
    open();
  });

  return {
    chosen: () => chosen,
    // Which they are where none is chosen.
    otherwise: (words) => { idle = words; draw(); },
    fill: (items) => {
      known = items.map((item) => ({ ...item, text: `${item.id} ${item.owned_by}`.toLowerCase() }));
    },
  };
}
