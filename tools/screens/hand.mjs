// What trials and screens of the live page do by hand: node live.mjs tells what stands in argv.
import { readFileSync } from "node:fs";

export const [executablePath, folder, samples, SERVED, LOCKED, TOKEN] = process.argv.slice(2);

export const row = (page, model) => (
  page.locator("#totals tbody tr").filter({ has: page.getByRole("rowheader", { name: model }) }).first()
);
export const tokens = async (page, model) => (
  Number((await row(page, model).locator("td.tokens").textContent()).replaceAll(",", ""))
);
export const until = (page, model, number) => (
  row(page, model).locator("td.tokens", { hasText: new RegExp(`^${number.toLocaleString("en-US")}$`) }).waitFor()
);
export const choose = (page, name) => page.locator("#file").setInputFiles(`${samples}/${name}`);
export const api = async (path, payload) => (await fetch(`${SERVED}${path}`, {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload),
})).json();
export const pick = async (page, ...names) => {
  for (const name of names) {
    await page.locator("#search").fill(name);
    await page.locator("#found [role=option].at").waitFor();
    await page.keyboard.press("Enter");
  }
};

// A file as a browser hands it over, by a drop on the page or a paste.
export const handed = (page, event, name, type) => page.evaluate(([how, called, kind, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], called, { type: kind }));
  const made = how === "drop" ? new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: given, bubbles: true, cancelable: true });
  document.querySelector("#text").dispatchEvent(made);
}, [event, name, type, readFileSync(`${samples}/${name}`).toString("base64")]);

export const report = async (page) => {
  await page.locator("#report iframe:not(.coming)").waitFor();
  return page.frameLocator("#report iframe:not(.coming)");
};
