// What one wants to pay, in tokens or in dollars for a model: it sets the size to the largest that
// is within. Tokens are fitted by the service; dollars are asked of the sizes it finds worth
// choosing, so no price is worked out here.
import { asked, coalesced, rested } from "./asking.js";
import { grouped, make, money, seconds, sides, told } from "./words.js";

const PLENTY = 999_999_999_999;

export function budgetIn({ whole, set, climb, limit, chosen }) {
  const amount = make("input", {
    id: "budget", type: "number", min: "0", step: "any", inputmode: "decimal", placeholder: "500",
  });
  const unit = make("select", { "aria-label": "unit of the budget" },
    make("option", { value: "tokens" }, "tokens"), make("option", { value: "dollars" }, "dollars"));
  const model = make("select", { "aria-label": "model of the budget" });
  const said = make("p", { class: "hint", role: "status" });
  said.hidden = true;
  const row = make("div", { class: "budget" },
    make("div", { class: "line" }, make("label", { for: "budget" }, "Budget"), amount, unit,
      model), said);

  const tokens = () => (unit.value === "tokens" ? Math.floor(Number(amount.value)) : 0);

  const fit = coalesced(async () => {
    const info = whole();
    if (!(Number(amount.value) > 0) || !info || !model.value) return told(said, "");
    try {
      const way = unit.value === "tokens" ? byTokens : byDollars;
      const found = await way(info, model.value, Number(amount.value));
      if (whole() !== info) return undefined;
      told(said, found.said);
      if (found.info) set(found.info);
    } catch (error) {
      told(said, error.message);
    }
    return undefined;
  });

  const soon = rested(250, fit);
  const changed = () => { limit(tokens()); soon(); };
  amount.addEventListener("input", changed);
  unit.addEventListener("change", () => {
    amount.placeholder = unit.value === "tokens" ? "500" : "0.001";
    changed();
  });
  model.addEventListener("change", () => { climb(model.value); changed(); chosen(); });

  return {
    row,
    tokens,
    model: () => model.value,
    clear: () => { amount.value = ""; told(said, ""); limit(0); },
    offer: (names) => {
      const kept = [...model.options].map(({ value }) => value);
      if (names.join("\n") === kept.join("\n")) return;
      const before = model.value;
      model.replaceChildren(...names.map((name) => make("option", { value: name }, name)));
      if (names.includes(before)) model.value = before;
      row.hidden = names.length === 0;
      if (model.value !== before) climb(model.value);
      if (amount.value) soon();
    },
  };
}

const priced = (info, words, count) => ({ info, said: `${words}: ${grouped(count)} tokens` });

function sized(info, { width, height, tokens }) {
  return priced({ ...info, width, height }, `${sides({ width, height })} px`, tokens);
}

function lasting(info, { seconds: long, tokens }) {
  const part = info.modality === "audio" ? long / (info.samples / info.sample_rate)
    : long / (info.duration ?? info.frames / info.fps);
  const { audio } = info;
  const rest = info.modality === "audio" ? { samples: Math.floor(info.samples * part) } : {
    frames: Math.max(1, Math.round(info.frames * part)), duration: long,
    ...audio && { audio: { ...audio, samples: Math.floor(audio.samples * part) } },
  };
  return priced({ ...info, ...rest }, seconds(long), tokens);
}

async function byTokens(info, model, max) {
  const found = await asked("/fit", { info, model, max_tokens: Math.floor(max) });
  if (found.best) return sized(info, found.best);
  if (found.size) return sized(info, found.size);
  if (found.length) return lasting(info, found.length);
  return { said: found.notes?.at(-1) ?? `nothing fits ${grouped(max)} tokens` };
}

// The largest of the sizes, or the longest of the lengths, whose cost is within.
async function byDollars(info, model, max) {
  const found = await asked("/fit", { info, model, max_tokens: PLENTY });
  const choices = (found.breakpoints ?? []).map((one) => sized(info, one));
  choices.push(...(found.sizes ?? []).map((one) => sized(info, one)));
  if (new Set((found.sizes ?? []).map(({ tokens }) => tokens)).size < 2) {
    choices.push(...(found.lengths ?? []).map((one) => lasting(info, one)));
  }
  if (!choices.length) choices.push(...await starts(info));
  const cost = async ({ info: shape }) => {
    const [row] = (await asked("/compare", { info: shape, model })).rows;
    if (!row.cost_usd) throw new Error(`${model}: ${row.why ?? "no price of it is known"}`);
    return { cost: Number(row.cost_usd), paid: money([row.cost_usd])[0], tokens: row.tokens };
  };
  let [within, from, to] = [null, 0, choices.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const paid = await cost(choices[middle]);
    if (paid.cost <= max) [within, to] = [{ ...choices[middle], ...paid }, middle];
    else from = middle + 1;
  }
  if (!within) {
    const least = await cost(choices.at(-1));
    return { said: `nothing is within $${max}: the least is ${least.paid}` };
  }
  const [words] = within.said.split(":");
  return { info: within.info, said: `${words}: ${grouped(within.tokens)} tokens, ${within.paid}` };
}

// A sound has no sizes worth choosing: its starts, by hundredths of its length.
async function starts(info) {
  const whole = info.samples / info.sample_rate;
  return Array.from({ length: 1000 }, (_, i) => (
    lasting(info, { seconds: (whole * (1000 - i)) / 1000, tokens: 0 })
  ));
}
