// What the script of the page of inspections does, by pointer, finger and keys, under the policy of
// the page itself. Each trial is a fact with its name; what does not hold is given back in words.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const told = (page) => page.locator(".tip").evaluate((tip) => (
  tip.hidden ? [] : [...tip.children].map((line) => line.textContent)
));
const press = async (page, ...keys) => { for (const key of keys) await page.keyboard.press(key); };

// photo.jpg of 600 x 400 px: gpt-5.4 pads it to 19 x 13 patches of 32 px.
const PATCH = [
  "row 2 of 13, column 3 of 19", "patch 22 of 247", "32 × 32 px, 3,072 bytes",
  "pixels x 64–95, y 32–63",
];

// What a point says of a row of the report in JSON.
const rate = (row) => [
  row.label, `${row.tokens.toLocaleString("en-US")} tokens`,
  new RegExp(`^${Math.round(row.bits).toLocaleString("en-US")} bits, `),
  new RegExp(`^RMSE ${Number(row.rmse.toPrecision(4))}, `),
];
const inWindow = async (page) => {
  const { x, y, width, height } = await page.locator(".tip").boundingBox();
  const size = page.viewportSize();
  ok(x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height);
};
const motion = (page) => page.locator("#input-4 figure.chart svg:visible");

// The panel of a model, its drawing, and its row of the report.
async function panelOf(page, report, input, model) {
  await page.locator(`#input-${input}`).getByRole("tab", { name: model }).click();
  const panel = page.locator(`#input-${input} .cards .panel[data-name*="${model}"]`);
  const picture = panel.locator(".picture");
  await picture.scrollIntoViewIfNeeded();
  const row = report.inputs[input - 1].rows.find((one) => one.model.includes(model));
  return { picture, row };
}

// The middle of a cell, told by the attributes that the script reads, in pixels of the window.
const middleOf = (picture, grid, row, column) => picture.evaluate((area, cell) => {
  const [l, t, r, b, rows, columns] = area.dataset.grids.split(",")[cell.grid].split(" ").map(Number);
  const [wide, high] = area.dataset.canvas.split(" ").map(Number);
  const box = area.querySelector("img").getBoundingClientRect();
  return [
    box.left + ((l + ((cell.column + 0.5) / columns) * (r - l)) / wide) * box.width,
    box.top + ((t + ((cell.row + 0.5) / rows) * (b - t)) / high) * box.height,
  ];
}, { grid, row, column });

const TRIALS = {
  async "a frame of a sheet tells its time, and a patch of it the token of its group"(page, report) {
    const { picture, row } = await panelOf(page, report, 3, "Qwen3-VL");
    const { geometry: { grid_thw: [groups, rows, columns], num_frames: frames } } = row;
    const [high, wide] = [rows / 2, columns / 2]; // patches are merged 2 x 2
    const stamp = (row.tokens - groups * (high * wide + 2)) / groups; // a start and an end
    for (const [frame, by] of [[2, "mouse"], [3, "touchscreen"]]) {
      const at = await middleOf(picture, frame, 1, 2);
      if (by === "mouse") await page.mouse.move(...at);
      else await page.touchscreen.tap(...at);
      const [first, place, token] = await told(page);
      match(first, new RegExp(`^frame ${frame + 1} of ${frames}, 1\\.\\d\\d s · group 2 of ${groups}$`));
      equal(place, `row 2 of ${high}, column 3 of ${wide}`);
      const number = high * wide + 1 + 2 * (stamp + 1) + wide + 3; // the second of its group
      equal(token, `token ${number} of ${row.tokens}`);
      await inWindow(page);
    }
  },
  async "arrow keys lead over the edge of a frame into the next, and to the next line"(page, report) {
    const { picture, row } = await panelOf(page, report, 3, "gemini-2.5-flash");
    const { per_frame: each, num_frames: frames } = row.geometry;
    await picture.focus();
    const seen = [];
    for (let i = 0; i < frames; i += 1) {
      await press(page, "ArrowRight");
      seen.push((await told(page))[0]);
    }
    const clip = report.inputs[2].info;
    deepEqual(seen, Array.from({ length: frames }, (_, i) => (
      `${each} tokens, frame ${i + 1} of ${frames}, ${((i * clip.duration) / frames).toFixed(2)} s`
    )));
    await press(page, "ArrowUp");
    match((await told(page))[0], new RegExp(`frame ${frames - 2} of`)); // two a line
    await press(page, "Escape");
    deepEqual(await told(page), []);
  },
  async "a spectrogram tells a token and its time by pointer, tap and keys"(page, _, nine) {
    await page.goto(nine.address);
    const { picture, row } = await panelOf(page, nine.report, 8, "gpt-audio");
    const said = (n) => [
      `token ${n} of ${row.tokens}`, `${((n - 1) / 10).toFixed(2)} to ${(n / 10).toFixed(2)} s`,
    ]; // ten a second
    await page.mouse.move(...(await middleOf(picture, 0, 0, 19)));
    deepEqual(await told(page), said(20));
    await page.touchscreen.tap(...(await middleOf(picture, 0, 0, 40)));
    deepEqual(await told(page), said(41));
    await inWindow(page);
    await picture.focus();
    await press(page, "ArrowLeft", "ArrowLeft");
    deepEqual(await told(page), said(39));
    const whole = await panelOf(page, nine.report, 8, "gemini-3-flash");
    await page.mouse.move(...(await middleOf(whole.picture, 0, 0, 129)));
    await whole.picture.focus();
    await press(page, "ArrowRight"); // over the end of the row
    equal((await told(page))[0], `token 131 of ${whole.row.tokens}`);
  },
  async "a point of a chart tells its row of the report, by pointer and by tap"(page, report) {
    const point = motion(page).last().locator(".point").first();
    for (const by of ["mouse", "touchscreen"]) {
      await point.scrollIntoViewIfNeeded();
      const { x, y, width, height } = await point.boundingBox();
      const at = [x + width / 2 + 4, y + height / 2];
      if (by === "mouse") await page.mouse.move(...at);
      else await page.touchscreen.tap(...at);
      const said = await told(page);
      const row = report.inputs[3].distortion.find(({ label }) => label === said[0]);
      rate(row).forEach((wanted, i) => (
        typeof wanted === "string" ? equal(said[i], wanted) : match(said[i], wanted)
      ));
      await inWindow(page);
      await page.mouse.move(1, 1);
      await page.locator("#input-4 .lead").click();
      deepEqual(await told(page), []);
    }
  },
  async "a plot tells what stands under the pointer, the same on both plots of a channel"(page) {
    const [left, right] = await motion(page).first().locator(".track").all();
    await left.scrollIntoViewIfNeeded();
    const said = [];
    for (const plot of [left, right]) {
      const { x, y, width, height } = await plot.boundingBox();
      await page.mouse.move(x + width * 0.5, y + height / 2);
      said.push(await told(page));
      await inWindow(page);
      equal(await motion(page).first().locator(".bar-at:visible").count(), 2);
    }
    deepEqual(said[0], said[1]);
    const [token, id, step, input, decoded, error] = said[0];
    match(token, /^token \d+ of 2,807$/);
    match(id, /^id \d+$/);
    match(step, /^step (199|200), time \d\.?\d*$/);
    const [a, b, gap] = [input, decoded, error].map((line) => +line.split(" ").at(-1));
    ok(Math.abs(b - a - gap) < 1e-4);
  },
  async "arrow keys lead along a plot and on to the next, and Escape ends it"(page) {
    await motion(page).first().focus();
    await press(page, "ArrowRight", "ArrowRight");
    match((await told(page))[2], /^step 1,/);
    await press(page, "ArrowLeft", "ArrowDown");
    match((await told(page))[2], /^step 0,/);
    await press(page, "End");
    match((await told(page))[2], /^step 399,/);
    await press(page, "Escape");
    deepEqual(await told(page), []);
    equal(await motion(page).first().locator(".bar-at:visible").count(), 0);
  },
  async "a narrow drawing tells the same by a tap"(page) {
    await page.setViewportSize({ width: 390, height: 844 });
    const plot = motion(page).first().locator(".track").first();
    await plot.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await plot.boundingBox();
    await page.touchscreen.tap(x + width - 1, y + height / 2);
    match((await told(page))[2], /^step 39\d,/); // two steps a pixel
    await inWindow(page);
  },
  async "a patch under the pointer tells its place and its pixels"(page) {
    const picture = page.locator("#input-1 .picture").first();
    await picture.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await picture.locator("img").boundingBox();
    await page.mouse.move(x + (width * 2.5) / 19, y + (height * 1.5) / 13);
    deepEqual(await told(page), PATCH);
    await page.mouse.move(1, 1);
    deepEqual(await told(page), []);
  },
  async "arrow keys lead from patch to patch, and Escape ends it"(page) {
    await page.locator("#input-1 .picture").first().focus();
    await press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown");
    deepEqual(await told(page), PATCH);
    await press(page, "Escape");
    deepEqual(await told(page), []);
  },
  async "a tap on a patch tells of it"(page) {
    const picture = page.locator("#input-1 .picture").first();
    await picture.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await picture.locator("img").boundingBox();
    await page.touchscreen.tap(x + (width * 2.5) / 19, y + (height * 1.5) / 13);
    deepEqual(await told(page), PATCH);
  },
  async "a patch of an open model tells its token"(page) {
    await page.locator("#input-1").getByRole("tab", { name: "Mistral-Small" }).click();
    const picture = page.locator('#input-1 .panel[data-name*="Mistral-Small"] .picture');
    await picture.focus();
    await press(page, "ArrowRight", "ArrowDown");
    equal((await told(page))[1], "token 24 of 345"); // 22 patches and a break a row
  },
  async "a token of a text tells its id, its bytes, its row and its column"(page) {
    const token = page.locator("#input-2 .pieces").first().locator("span", { hasText: "êtres" });
    await token.first().hover();
    const [id, ...rest] = await told(page);
    equal(id, `id ${await token.first().getAttribute("data-id")}`);
    deepEqual(rest.slice(0, 2), ["7 bytes: 20 c3 aa 74 72 65 73", "row 2, column 20"]);
    match(rest[2], /^token \d+$/);
  },
  async "arrow keys lead from token to token"(page) {
    await page.locator("#input-2 .pieces").first().focus();
    await press(page, "ArrowRight", "ArrowRight");
    const [, bytes, place, token] = await told(page);
    deepEqual([bytes, place, token], ["1 byte: 3a", "row 1, column 8", "token 2"]);
    await press(page, "Home");
    equal((await told(page))[3], "token 1");
  },
  async "tabs switch by keys, one of them is in the order of the tabulator"(page) {
    const tabs = page.locator("#input-1 [role=tab]");
    await tabs.first().focus();
    await press(page, "ArrowLeft");
    equal(await tabs.last().getAttribute("aria-selected"), "true");
    equal(await page.locator('#input-1 [role=tab][tabindex="0"]').count(), 1);
    const shown = page.locator("#input-1 .cards .panel:not([hidden])[role=tabpanel] h3");
    match(await shown.textContent(), /Llama-4/);
    await press(page, "Home");
    equal(await shown.textContent(), "gpt-5.4");
  },
  async "two models stand beside each other with the ratio of their tokens"(page) {
    await page.locator("#input-1 select").selectOption({ label: "claude-opus-5" });
    const said = page.locator("#input-1 .bar-of-tabs output");
    equal(await said.textContent(), "claude-opus-5 takes 1.11x the tokens of gpt-5.4"); // 330 / 297
    equal(await page.locator("#input-1 .cards .panel:visible").count(), 2);
    await page.locator("#input-1 select").selectOption({ label: "nothing" });
    equal(await said.textContent(), "");
    equal(await page.locator("#input-1 .cards .panel:visible").count(), 1);
  },
  async "a picture opens and closes by keys, and the focus comes back"(page) {
    const button = page.locator("#input-1 .enlarge").first();
    await button.focus();
    await press(page, "Enter");
    ok(await page.locator("dialog").isVisible());
    await page.locator("dialog .picture").focus();
    await press(page, "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown");
    deepEqual(await told(page), PATCH);
    await press(page, "Escape", "Escape");
    ok(!(await page.locator("dialog").isVisible()));
    ok(await button.evaluate((it) => it === document.activeElement));
  },
  async "frames of a clip open and grow"(page) {
    await page.locator("#input-3 .enlarge").first().click();
    const picture = page.locator("dialog img");
    const before = (await picture.boundingBox()).width;
    await page.getByRole("button", { name: "Zoom in" }).click();
    ok((await picture.boundingBox()).width > 1.5 * before);
    await page.getByRole("button", { name: "Close" }).click();
  },
};

async function withoutScript(browser, address) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(address);
  const panels = await page.locator(".panel").count();
  equal(await page.locator(".panel:visible").count(), panels);
  equal(await page.locator("button, dialog, select").count(), 0);
  const titles = await page.locator(".track title, .point title").allTextContents();
  ok(titles.length > 30 && titles.every(Boolean));
  ok(panels > 10);
  await context.close();
}

// Another script than the page's own does not run, even from inside of the file.
async function otherScripts(browser, folder) {
  const forged = `${folder}/forged.html`;
  const whole = readFileSync(`${folder}/inspect-1.html`, "utf8");
  writeFileSync(forged, whole.replace("</body>", "<script>document.title='no'</script></body>"));
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(pathToFileURL(forged).href);
  ok((await page.title()) !== "no");
  ok(await page.locator("html.alive").count());
  rmSync(forged);
  await context.close();
}

export async function tried(browser, folder) {
  const wrong = [];
  const address = pathToFileURL(`${folder}/inspect-4.html`).href;
  const report = JSON.parse(readFileSync(`${folder}/inspect-4.json`, "utf8"));
  const nine = {
    address: pathToFileURL(`${folder}/inspect-9.html`).href,
    report: JSON.parse(readFileSync(`${folder}/inspect-9.json`, "utf8")),
  };
  const attempt = async (name, trial) => {
    try {
      await trial();
    } catch (error) {
      wrong.push(`${name}: ${error.message}`);
    }
  };
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 }, hasTouch: true,
  });
  for (const [name, trial] of Object.entries(TRIALS)) {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("console", (said) => {
      if (said.type() === "error") wrong.push(`${name}: ${said.text()}`);
    });
    await attempt(name, async () => {
      await page.goto(address);
      await trial(page, report, nine);
    });
    await page.close();
  }
  await context.close();
  await attempt("without the script all panels stand", () => withoutScript(browser, address));
  await attempt("no other script runs", () => otherScripts(browser, folder));
  console.log(`${Object.keys(TRIALS).length + 2} trials of the script`);
  return wrong;
}
