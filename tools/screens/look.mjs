// Pages as people see them: node look.mjs CHROMIUM FOLDER PAGE...
// Each page of FOLDER at two widths, on light and on dark: a screen beside it, no fault that axe
// finds, nothing wider than the window, no error of a script. Exit code 1 where something is wrong.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { tried } from "./behavior.mjs";

const [executablePath, folder, ...pages] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run",
];
const wrong = [];

// bypassCSP lets axe in; `behavior.mjs` looks at the same pages under their policy. Axe reads a page
// on one scheme at each width, so on both of both.
async function looked(browser, name, width, axed) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  const label = `${name} at ${width} px`;
  page.on("pageerror", (error) => wrong.push(`${label}: ${error.message}`));
  await page.goto(pathToFileURL(`${folder}/${name}.html`).href);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > width) wrong.push(`${label}: ${wide} px wide`);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    if (colorScheme === axed) await audit(page, `${label}, ${axed}`);
    await pointed(page, `${folder}/${name}-${width}-${colorScheme}`);
  }
  await context.close();
}

// The first chart, sheet and spectrogram of a page with a tip, in the window that a person has.
async function pointed(page, path) {
  const spots = page.locator("svg:visible :is(.track, .point)");
  if (!(await spots.count()) || !(await page.locator("html.alive").count())) return;
  await spots.first().scrollIntoViewIfNeeded();
  const { x, y, width, height } = await spots.first().boundingBox();
  await page.mouse.move(x + width * 0.6, y + height / 2);
  await page.screenshot({ path: `${path}-tip.png` });
  await page.mouse.move(1, 1);
  for (const [name, grids] of [["sheet", "[data-words]"], ["sound", "[data-rate]"]]) {
    const drawing = page.locator(`.picture${grids}:visible img`);
    if (!(await drawing.count())) continue;
    await drawing.first().scrollIntoViewIfNeeded();
    const box = await drawing.first().boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
    await page.screenshot({ path: `${path}-${name}-tip.png` });
    await page.mouse.move(1, 1);
  }
}

async function audit(page, label) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, help, nodes } of found.violations) {
    const where = nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
    wrong.push(`${label}: axe ${id}, ${nodes.length} times: ${help} (${where})`);
  }
}

const browser = await chromium.launch({ executablePath, args: QUIET });
for (const name of pages) {
  const started = Date.now();
  await Promise.all([
    looked(browser, name, 1280, "light"), looked(browser, name, 390, "dark"),
  ]);
  console.log(`${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
wrong.push(...(await tried(browser, folder)));
await browser.close();
for (const line of wrong) console.error(line);
console.log(`${pages.length} pages, ${4 * pages.length} screens, ${wrong.length} faults`);
process.exitCode = wrong.length ? 1 : 0;
