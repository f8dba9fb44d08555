// What it costs: a row a model, which stays where it is while its numbers change.
import { broken, grouped, kind, make, money, share } from "./words.js";

const COLUMNS = [["tokens", "n"], ["kind", ""], ["of context", "n"], ["cost", "n"]];

export function totalsIn(place) {
  let rows = [];
  let names = "";

  function build(models) {
    const head = make("tr", {}, make("th", { scope: "col" }, "model"),
      ...COLUMNS.map(([name, css]) => make("th", { scope: "col", class: css }, name)));
    rows = models.map((model) => {
      const name = make("th", { scope: "row" }, make("span", {}, ...broken(model)), make("small"));
      const cells = COLUMNS.map(([column, css]) => (
        make("td", { class: `${column.replace(" ", "-")} ${css}`, "data-label": column })
      ));
      const bar = make("i", { class: "bar" });
      const number = make("span");
      cells[0].append(bar, number);
      return { row: make("tr", {}, name, ...cells), said: name.lastChild, bar, number, cells };
    });
    place.replaceChildren(make("table", { class: "models" }, make("thead", {}, head),
      make("tbody", {}, ...rows.map(({ row }) => row))));
  }

  function show(found) {
    const models = found.map(({ model }) => model);
    if (names !== models.join("\n") || !place.firstChild) build(models);
    names = models.join("\n");
    const most = Math.max(1, ...found.map(({ tokens }) => tokens ?? 0));
    const costs = money(found.map(({ cost_usd: cost }) => cost));
    found.forEach((one, i) => {
      const { said, bar, number, cells } = rows[i];
      number.textContent = one.tokens === null ? "?" : grouped(one.tokens);
      bar.hidden = one.tokens === null;
      bar.style.width = `${(100 * (one.tokens ?? 0)) / most}%`;
      if (cells[1].dataset.kind !== one.kind) cells[1].replaceChildren(kind(one.kind));
      cells[1].dataset.kind = one.kind;
      cells[2].textContent = share(one.context_share);
      cells[3].textContent = one.cost_high ? `${costs[i]} to ${money([one.cost_high])}` : costs[i];
      said.textContent = remark(one);
    });
  }

  return { show, clear: () => { place.replaceChildren(); names = ""; } };
}

// What is to be known of a number beside its kind, in a line.
function remark({ why, rejected = [], range, most, tokens, silent = [], left_out: left }) {
  if (why) return why;
  if (rejected.length) return rejected.join("; ");
  const between = range ? `${grouped(range[0])} to ${grouped(range[1])}`
    : most > tokens ? `at most ${grouped(most)}` : "";
  return [between, ...silent, left].filter(Boolean).join("; ");
}

// For those who listen: the numbers, once they rest.
export const spoken = (found) => found.map(({ model, tokens, kind: how, cost_usd: cost }) => (
  tokens === null ? `${model}: not known`
    : `${model}: ${grouped(tokens)} tokens, ${how}${cost ? `, ${money([cost])}` : ""}`
)).join("; ");
