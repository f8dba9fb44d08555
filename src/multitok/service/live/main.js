// The live page: what is given, for which models, in what size; and the numbers of it as they change.
import { ask, asked, carry, coalesced, rested, sent, whenLocked } from "./asking.js";
import { givenBox } from "./given.js";
import { modelBox } from "./models.js";
import { reportIn } from "./report.js";
import { requestIn, rowOf } from "./request.js";
import { TEXT, picture, request } from "./samples.js";
import { sizesIn } from "./sizes.js";
import { spoken, totalsIn } from "./totals.js";
import { sides, told } from "./words.js";

const $$ = (id) => document.getElementById(id);
const TYPING = 90;
const DRAWING = 500;
const SLOW = 150;

let given = null;
let changed = null; // the shape that a knob makes of it, or null
let turn = 0; // of what was given last: an answer to an older one is dropped

const totals = totalsIn($$("totals"));
const report = reportIn($$("report"));
const showRequest = requestIn($$("request"));
const models = modelBox(() => { again(); });
const sizes = sizesIn($$("sizes"), {
  moved: (shape) => { changed = shape; count(); },
  rests: () => drawSoon(),
  download: save,
});
const box = givenBox((now) => {
  [given, changed] = [now, null];
  turn += 1;
  $$("read").hidden = !/\.(csv|tsv)$/i.test(now?.kind === "file" ? now.name : "");
  $$("reading").value = "";
  sizes.clear();
  models.otherwise(now?.kind === "request" ? "the request's own" : "the usual ones");
  again();
});
$$("reading").addEventListener("change", again);

function again() {
  if (!given) return clear();
  if (given.kind === "text") report.stale();
  countSoon();
  return drawSoon();
}

function clear() {
  countSoon.cancel();
  drawSoon.cancel();
  totals.clear();
  report.clear();
  told($$("cost-fault"), "");
  told($$("cost-note"), "");
  $$("said").textContent = "";
  $$("request").hidden = true;
  document.body.classList.remove("counted");
}

// --- what the service is asked --------------------------------------------------------------------

// What is given as it stands now, and the models it is for.
async function inquire(path, what, shape) {
  const model = models.chosen();
  const reading = $$("reading").value;
  const read = reading ? { modality: reading } : {};
  if (shape) return ask(path, { body: JSON.stringify({ info: shape, model, name: what.name }) });
  if (what.kind === "text") return ask(path, { body: JSON.stringify({ text: what.text, model }) });
  const fields = [...model.map((name) => ["model", name]), ...Object.entries(read)];
  return sent(path, what.file, what.name, fields);
}

const count = coalesced(async () => {
  const [what, shape, mine] = [given, changed, turn];
  if (!what) return;
  const done = working("counting");
  try {
    const found = what.kind === "request" ? await requested(what) : await compared(what, shape);
    if (mine === turn) await show(found, what, shape);
  } catch (error) {
    if (mine === turn) failed(error);
  } finally {
    done();
  }
});
const countSoon = rested(TYPING, count);

// Of the models that are chosen, or the usual ones; a table has none, and only tokenizers take it.
async function compared(what, shape) {
  try {
    return (await (await inquire("/compare", what, shape)).json()).rows;
  } catch (error) {
    if (error.param === "model" && !models.chosen().length) return [];
    throw error;
  }
}

// Of each model that is chosen, or the one that it names.
async function requested(what) {
  const names = models.chosen().length ? models.chosen() : [null];
  const found = [];
  for (const name of names) {
    const query = name === null ? "" : `?${new URLSearchParams({ model: name })}`;
    found.push(await (await ask(`/request${query}`, { body: what.text })).json());
  }
  showRequest(found);
  return found.map(rowOf);
}

async function show(rows, what, shape) {
  told($$("cost-fault"), "");
  document.body.classList.add("counted");
  if (what.kind !== "request") $$("request").hidden = true;
  if (rows.length) totals.show(rows);
  else totals.clear();
  told($$("cost-note"), rows.length ? "" : "No API is sent this as it is: below stands what"
    + " tokenizers make of it. As text, or for a model that is chosen, it costs what its characters"
    + " cost.");
  speak(rows);
  if (!shape && what.kind === "file") await sizable(rows, what);
  sizes.counted(rows);
}

const speak = rested(900, (rows) => { $$("said").textContent = spoken(rows); });

// A picture, a clip or a sound has knobs, once its shape is known.
let knobs = null;
async function sizable(rows, what) {
  if (knobs === what) return;
  knobs = what;
  const info = rows.find((row) => row.info)?.info;
  if (!["image", "video", "audio"].includes(info?.modality)) return;
  what.bitmap = info.modality === "image" ? await bitmapOf(what.file) : null;
  if (given === what) sizes.show(info, { drawable: what.bitmap !== null });
}

function failed(error) {
  if (error.status === 401) return;
  document.body.classList.add("counted");
  told($$("cost-note"), "");
  totals.clear();
  report.clear();
  $$("request").hidden = true;
  told($$("cost-fault"), error.message);
}

// After a moment it is said that something is under way.
let under = 0;
function working(what) {
  under += 1;
  const timer = setTimeout(() => {
    $$("state").hidden = false;
    $$("state").lastElementChild.textContent = what;
    $$("desk").setAttribute("aria-busy", "true");
  }, SLOW);
  return () => {
    clearTimeout(timer);
    under -= 1;
    if (under) return;
    $$("state").hidden = true;
    $$("desk").removeAttribute("aria-busy");
  };
}

// --- the report -----------------------------------------------------------------------------------

const draw = coalesced(async () => {
  const [what, shape, mine] = [given, changed, turn];
  if (!what || what.kind === "request") return report.clear();
  report.stale();
  const done = working("drawing the report");
  try {
    const as = shape && what.bitmap ? { ...what, file: await resized(what, shape) } : what;
    const page = await (await inquire("/page", as, as === what ? shape : null)).text();
    if (mine === turn) report.show(page);
  } catch {
    if (mine === turn) report.clear(); // the count says why
  } finally {
    done();
  }
  return undefined;
});
const drawSoon = rested(DRAWING, draw);

// --- pictures in another size ---------------------------------------------------------------------

async function bitmapOf(file) {
  try {
    return await createImageBitmap(file);
  } catch {
    return null; // a format that this browser does not draw
  }
}

const typeOf = ({ type }) => (
  ["image/jpeg", "image/webp"].includes(type) ? type : "image/png"
);

function resized({ bitmap, file }, { width, height }) {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  return new Promise((done) => { canvas.toBlob(done, typeOf(file), 0.92); });
}

async function save(shape) {
  const made = await resized(given, shape);
  const suffix = { "image/jpeg": "jpg", "image/webp": "webp" }[typeOf(given.file)] ?? "png";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(made);
  const size = sides(shape).replaceAll(" ", "").replace("×", "x");
  link.download = `${given.name.replace(/\.[^.]+$/, "")}-${size}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// --- samples, and the way in ----------------------------------------------------------------------

const SAMPLES = {
  text: () => box.type(TEXT),
  picture: async () => { const { file, name } = await picture(); await box.take(file, name); },
  request: async () => { const { file, name } = await request(); await box.take(file, name); },
};
for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", () => SAMPLES[button.dataset.sample]());
}

whenLocked(() => {
  if ($$("desk").hidden) told($$("entry-fault"), "This is not the token of the service.");
  $$("entry").hidden = false;
  $$("desk").hidden = true;
  clear();
  $$("token").focus();
});

$$("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  carry($$("token").value);
  enter();
});

async function enter() {
  try {
    models.fill((await (await ask("/v1/models")).json()).data);
  } catch (error) {
    if (error.status !== 401) told($$("cost-fault"), error.message);
    return;
  }
  const asking = $$("desk").hidden;
  $$("entry").hidden = true;
  $$("desk").hidden = false;
  if (asking) $$("text").focus();
  again();
}

enter();
