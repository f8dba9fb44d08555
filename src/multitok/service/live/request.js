// A whole request, part by part: what each costs, what is not counted, and what would be cheaper.
import { broken, grouped, kind, make, many, sides } from "./words.js";

// The row of totals that a counted request is.
export function rowOf(found) {
  const { low_usd: low, high_usd: high } = found.cost ?? {};
  return {
    model: found.model, tokens: found.tokens, kind: found.kind, most: found.most,
    context_share: found.context_window ? found.tokens / found.context_window : null,
    cost_usd: low ?? null, ...high !== low && { cost_high: high },
    left_out: found.complete ? "" : "of what is known",
  };
}

// One of the models it was counted for at a time; which one is kept while numbers change.
export function requestIn(place) {
  const choice = make("select", { id: "request-model" });
  const label = make("label", { for: "request-model" }, "for");
  let counted = [];
  choice.addEventListener("change", draw);

  function draw() {
    const found = counted.find(({ model }) => model === choice.value) ?? counted[0];
    const which = counted.length > 1 ? [make("div", { class: "line" }, label, choice)] : [];
    const kept = document.activeElement === choice;
    place.replaceChildren(make("h2", {}, "Part by part"), ...which,
      make("p", { class: "lead" }, leadOf(found)), tableOf(found.parts),
      ...[advice(found), open(found)].flat().filter(Boolean));
    if (kept) choice.focus();
  }

  return (found) => {
    counted = found;
    const before = choice.value;
    choice.replaceChildren(...found.map(({ model }) => make("option", { value: model }, model)));
    if (found.some(({ model }) => model === before)) choice.value = before;
    place.hidden = false;
    draw();
  };
}

function leadOf({ model, provider, tokens, most, overflow }) {
  const words = [`${model} at ${provider}`, many(tokens, "token")];
  if (most > tokens) words.push(`at most ${grouped(most)}`);
  if (overflow) words.push(`${grouped(overflow)} beyond the context window`);
  return words.join(" · ");
}

function tableOf(parts) {
  const most = Math.max(1, ...parts.map(({ tokens }) => tokens ?? 0));
  const head = make("tr", {}, ...["part", "tokens", "kind", "what"].map((name) => (
    make("th", { scope: "col", ...name === "tokens" && { class: "n" } }, name)
  )));
  const rows = parts.map((part) => {
    const bar = make("i", { class: "bar" });
    bar.hidden = part.tokens === null;
    bar.style.width = `${(100 * (part.tokens ?? 0)) / most}%`;
    const number = make("span", {}, part.tokens === null ? "?" : grouped(part.tokens));
    return make("tr", {},
      make("th", { scope: "row" }, ...broken(part.path),
        make("small", {}, part.rejected.join("; "))),
      make("td", { class: "tokens n", "data-label": "tokens" }, bar, number),
      make("td", { class: "kind", "data-label": "kind" }, kind(part.kind)),
      make("td", { class: "what", "data-label": "what" }, whatOf(part)));
  });
  return make("div", { class: "scroll" }, make("table", { class: "models parts-of" },
    make("thead", {}, head), make("tbody", {}, ...rows)));
}

const whatOf = ({ what, info }) => (info?.width ? `${what} ${sides(info)}` : what);

function advice({ advice: found }) {
  if (!found.length) return null;
  return [make("h3", {}, "What would be cheaper"), make("ul", { class: "advice" },
    ...found.map(({ path, tokens, sizes }) => make("li", {}, make("b", {}, path),
      ` costs ${many(tokens, "token")}; `,
      sizes.map((size) => `${sides(size)} would cost ${grouped(size.tokens)}`).join(", "))))];
}

function open({ parts, left_out: left, notes }) {
  const unknown = parts.filter((part) => part.kind === "unknown")
    .map(({ path, notes: why }) => [path, why].flat().join(": "));
  const told = [...new Set([...unknown, ...left])];
  const said = told.length ? [make("h3", {}, "What is not counted"),
    make("ul", { class: "notes" }, ...told.map((line) => make("li", {}, line)))] : [];
  if (notes.length) {
    said.push(make("ul", { class: "notes" }, ...notes.map((line) => make("li", {}, line))));
  }
  return said;
}
