// The live page as people use it: node live.mjs CHROMIUM FOLDER SAMPLES URL LOCKED TOKEN
// URL is a service, LOCKED one that asks for TOKEN. All trials, then a screen of each state at two
// widths, on light and on dark, with axe. $ONLY is a pattern of their names. Exit code 1 where
// something is wrong.
import { deepEqual, equal } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { LOCKED, SERVED, choose, executablePath, folder, pick, report, row } from "./hand.mjs";
import { TRIALS, locked } from "./trials.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const QUIET = [
  "--no-sandbox", "--disable-gpu", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-first-run",
];
const wrong = [];

// --- running them ----------------------------------------------------------------------------------

// Faults of the page itself: a script's, or of its policy; and anything that is asked elsewhere.
function watched(page, label, allowed = []) {
  page.on("pageerror", (error) => wrong.push(`${label}: ${error.message}`));
  page.on("console", (said) => {
    const answered = /Failed to load resource/.test(said.text()); // a refusal, which is shown
    if (["error", "warning"].includes(said.type()) && !answered) wrong.push(`${label}: ${said.text()}`);
  });
  page.on("request", (asked) => {
    const local = [SERVED, LOCKED, "data:", "blob:", "about:", ...allowed];
    if (!local.some((one) => asked.url().startsWith(one))) wrong.push(`${label}: asks ${asked.url()}`);
  });
}

async function tried(browser, name, trial, start = SERVED) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  watched(page, name);
  try {
    await page.goto(start);
    await page.waitForLoadState("networkidle");
    await trial(page);
    deepEqual(await context.cookies(), []);
    equal(await page.evaluate(() => localStorage.length + sessionStorage.length), 0);
  } catch (error) {
    wrong.push(`${name}: ${error.message}`);
  }
  await context.close();
}

// --- screens ---------------------------------------------------------------------------------------

const rest = (page) => page.waitForTimeout(400);
const STATES = {
  empty: rest,
  async text(page) {
    await page.getByRole("button", { name: "a text" }).click();
    await report(page);
  },
  async picture(page) {
    await page.getByRole("button", { name: "a picture" }).click();
    await report(page);
    await page.getByLabel("Budget", { exact: true }).fill("800");
    await page.locator(".budget .hint:visible").waitFor();
    await page.waitForTimeout(2500);
  },
  async models(page) {
    await page.getByRole("button", { name: "a text" }).click();
    await pick(page, "gpt-5.4", "claude-opus-5");
    await page.locator("#search").fill("gemini");
    await row(page, "claude-opus-5").waitFor();
  },
  async request(page) {
    await page.getByRole("button", { name: "a request" }).click();
    await page.locator(".parts-of").waitFor();
  },
  async clip(page) {
    await choose(page, "clip.mp4");
    await report(page);
  },
  async sound(page) {
    await choose(page, "melody.flac");
    await report(page);
  },
  async table(page) {
    await choose(page, "arm.csv");
    await report(page);
  },
  async fault(page) {
    await page.locator("#file").setInputFiles({
      name: "junk.bin", mimeType: "application/octet-stream", buffer: Buffer.from([0, 1, 2, 106, 117]),
    });
    await page.locator("#cost-fault:visible").waitFor();
  },
  locked: rest,
};

async function looked(browser, name, width, axed) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, bypassCSP: true });
  const page = await context.newPage();
  const label = `live-${name} at ${width} px`;
  page.setDefaultTimeout(15_000);
  watched(page, label);
  try {
    await page.goto(name === "locked" ? LOCKED : SERVED);
    await page.waitForLoadState("networkidle");
    await STATES[name](page);
    const [wide, high] = await page.evaluate(() => (
      [document.documentElement.scrollWidth, document.documentElement.scrollHeight]
    ));
    if (wide > width) wrong.push(`${label}: ${wide} px wide`);
    await page.setViewportSize({ width, height: Math.max(900, high) }); // a frame out of sight is not drawn
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await rest(page);
      await page.screenshot({ path: `${folder}/live-${name}-${width}-${colorScheme}.png`, fullPage: true });
      if (colorScheme === axed) await audit(page, `${label}, ${axed}`);
    }
  } catch (error) {
    wrong.push(`${label}: ${error.message}`);
  }
  await context.close();
}

async function audit(page, label) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => (
    window.axe.run(document, { resultTypes: ["violations"], iframes: false })
  ));
  for (const { id, help, nodes } of found.violations) {
    const where = nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ");
    wrong.push(`${label}: axe ${id}, ${nodes.length} times: ${help} (${where})`);
  }
}

const only = process.env.ONLY ? new RegExp(process.env.ONLY) : /./;
const browser = await chromium.launch({ executablePath, args: QUIET });
const trials = Object.entries(TRIALS).filter(([name]) => only.test(name));
for (const [name, trial] of trials) await tried(browser, name, trial);
if (only.test("token")) await tried(browser, "a token is asked for, and kept in memory alone", locked, LOCKED);
console.log(`${trials.length + 1} trials of the live page`);
const states = Object.keys(STATES).filter((name) => only.test(name));
for (const name of states) {
  await Promise.all([
    looked(browser, name, 1280, "light"), looked(browser, name, 390, "dark"),
  ]);
}
await browser.close();
for (const line of wrong) console.error(line);
console.log(`${states.length} states, ${4 * states.length} screens, ${wrong.length} faults`);
process.exitCode = wrong.length ? 1 : 0;
