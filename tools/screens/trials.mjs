// What the live page does, by pointer and keys, under its own policy. Each trial is a fact with its
// name, and begins on a fresh page.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { TOKEN, api, choose, handed, pick, report, row, samples, tokens, until } from "./hand.mjs";

export const TRIALS = {
  async "numbers follow what is typed"(page) {
    await page.locator("#text").pressSequentially("hello world");
    await until(page, "gpt-5.4", 2);
    await page.locator("#text").pressSequentially(" hello world");
    await until(page, "gpt-5.4", 4);
    match(await row(page, "gpt-5.4").textContent(), /exact.*<0\.1 %.*\$0\.000010/);
    await page.locator("#text").fill("");
    await page.locator("#totals table").waitFor({ state: "detached" });
  },
  async "a picture is dropped"(page) {
    await handed(page, "drop", "photo.jpg", "image/jpeg");
    await until(page, "gpt-5.4", 297); // 19 x 13 patches, 1.2 tokens each
    ok(await page.getByRole("img", { name: "photo.jpg" }).isVisible());
    await page.getByRole("button", { name: "remove photo.jpg" }).click();
    await page.locator("#totals table").waitFor({ state: "detached" });
  },
  async "a picture is pasted"(page) {
    await handed(page, "paste", "screenshot.png", "image/png");
    await until(page, "gpt-5.4", 1200); // 40 x 25 patches
  },
  async "a model is found and chosen by keys, and taken away again"(page) {
    await page.locator("#text").fill("hello world");
    await until(page, "gpt-5.4", 2);
    const search = page.getByRole("combobox");
    await search.focus();
    equal(await search.getAttribute("aria-expanded"), "false");
    await page.keyboard.type("gemini 2.5 pro");
    const now = page.locator(`#${await search.getAttribute("aria-activedescendant")}`);
    match(await now.textContent(), /^gemini-2\.5-pro/);
    equal(await search.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("Enter");
    await row(page, "gemini-2.5-pro").waitFor();
    equal(await page.locator("#totals tbody tr").count(), 1);
    equal(await page.getByRole("button", { name: "remove gemini-2.5-pro" }).count(), 1);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Escape");
    equal(await search.getAttribute("aria-expanded"), "false");
    await page.keyboard.press("Backspace");
    await row(page, "gpt-5.4").waitFor();
  },
  async "a model is chosen by the pointer"(page) {
    await page.locator("#search").fill("claude-opus-5");
    await page.getByRole("option", { name: /^claude-opus-5 / }).first().click();
    await page.locator("#text").fill("hello");
    await row(page, "claude-opus-5").waitFor();
    equal(await page.locator("#found:visible").count(), 0);
  },
  async "the report stands below, and its models switch"(page) {
    await choose(page, "photo.jpg");
    const inside = await report(page);
    await inside.locator("#input-1 .cards .panel:visible h3").first().waitFor();
    await inside.locator("#input-1 [role=tab]").nth(2).click();
    match(await inside.locator(".cards [role=tabpanel]:visible h3").textContent(), /claude-opus-5/);
    await inside.locator("#input-1 select").selectOption({ label: "gpt-4o" });
    match(await inside.locator(".bar-of-tabs output").textContent(), /^gpt-4o takes 1\.29x the tokens of claude-opus-5$/);
  },
  async "a token of the report tells its id"(page) {
    await page.locator("#text").fill("hello world");
    const inside = await report(page);
    await inside.locator(".pieces span").first().hover();
    match(await inside.locator(".tip div").first().textContent(), /^id \d+$/);
  },
  async "a picture of the report opens where it is seen"(page) {
    await choose(page, "photo.jpg");
    const inside = await report(page);
    await page.mouse.wheel(0, 900); // what is out of sight is not drawn, and no button stands still
    await inside.locator(".enlarge:visible").first().click();
    const box = await inside.locator("dialog").boundingBox();
    ok(box.y >= 0 && box.y + box.height <= 900, JSON.stringify(box));
    await page.keyboard.press("Escape");
    await inside.locator("dialog").waitFor({ state: "hidden" });
  },
  async "the frame is as high as the report, and reaches nothing"(page) {
    await page.locator("#text").fill("hello world");
    await report(page);
    const frame = page.locator("#report iframe:not(.coming)");
    equal(await frame.getAttribute("sandbox"), "allow-scripts");
    const [, inner] = page.frames();
    const high = await inner.evaluate(() => document.documentElement.getBoundingClientRect().height);
    equal((await frame.boundingBox()).height, Math.ceil(high));
    equal(await inner.evaluate(() => {
      try { return parent.document.title; } catch (error) { return error.name; }
    }), "SecurityError");
    await page.evaluate(() => window.postMessage({ height: 7 }, "*"));
    await page.waitForTimeout(100);
    equal((await frame.boundingBox()).height, Math.ceil(high));
  },
  async "the slider counts every model in the size it shows"(page) {
    await choose(page, "photo.jpg");
    const slider = page.getByRole("slider", { name: "Size" });
    await slider.focus();
    await page.keyboard.press("PageDown");
    await page.keyboard.press("ArrowLeft");
    const text = await slider.getAttribute("aria-valuetext");
    const [, width, height] = text.match(/^(\d+) × (\d+) px$/);
    ok(Number(width) < 600);
    const { rows } = await api("/compare", { size: `${width}x${height}` });
    for (const { model, tokens: number } of rows) await until(page, model, number);
    await page.getByRole("button", { name: "Reset" }).click();
    await until(page, "gpt-5.4", 297);
  },
  async "one count is under way at a time, and nothing jumps"(page) {
    await choose(page, "photo.jpg");
    const slider = page.getByRole("slider", { name: "Size" });
    await slider.waitFor();
    await report(page);
    const place = async () => (await row(page, "claude-opus-5").boundingBox()).y;
    const before = await place();
    let [now, most] = [0, 0];
    page.on("request", (asked) => { if (/compare/.test(asked.url())) most = Math.max(most, (now += 1)); });
    page.on("requestfinished", (asked) => { if (/compare/.test(asked.url())) now -= 1; });
    const { x, y, width } = await slider.boundingBox();
    await page.mouse.move(x + width - 11, y + 15);
    await page.mouse.down();
    for (let i = 0; i < 40; i += 1) await page.mouse.move(x + (width * (40 - i)) / 41, y + 15);
    await page.mouse.up();
    const said = await slider.getAttribute("aria-valuetext");
    const { rows } = await api("/compare", { size: said.replace(/ px$/, "") });
    await until(page, "gpt-5.4", rows[0].tokens);
    equal(most, 1);
    equal(await place(), before);
  },
  async "a budget of tokens sets the largest size within"(page) {
    await choose(page, "photo.jpg");
    await page.getByLabel("Budget", { exact: true }).fill("200");
    const { best } = await api("/fit", { size: "600x400", model: "gpt-5.4", max_tokens: 200 });
    await until(page, "gpt-5.4", best.tokens);
    equal(await page.getByRole("slider").inputValue(), String(best.width));
    await page.getByLabel("Budget", { exact: true }).fill("0.5");
    await page.getByLabel("unit of the budget").selectOption("tokens");
  },
  async "a budget that nothing meets says so"(page) {
    await choose(page, "photo.jpg");
    await page.getByLabel("model of the budget").selectOption("gemini-3-flash-preview");
    await page.getByLabel("Budget", { exact: true }).fill("3");
    await page.getByText("no size fits 3 tokens").waitFor();
  },
  async "a budget of dollars sets the largest size within"(page) {
    await choose(page, "photo.jpg");
    await page.getByLabel("unit of the budget").selectOption("dollars");
    await page.getByLabel("Budget", { exact: true }).fill("0.0004");
    await page.locator(".budget .hint", { hasText: "$" }).waitFor();
    const chosen = Number(await page.getByRole("slider").inputValue());
    const { breakpoints } = await api("/fit", { size: "600x400", model: "gpt-5.4", max_tokens: 1 });
    const within = [];
    for (const { width, height } of breakpoints) {
      const { counts } = await api("/count", { size: `${width}x${height}`, model: "gpt-5.4" });
      if (Number(counts[0].cost_usd) <= 0.0004) within.push(width);
    }
    equal(chosen, Math.max(...within));
  },
  async "the picture is downloaded in the size that is chosen"(page) {
    await choose(page, "photo.jpg");
    await page.getByLabel("Budget", { exact: true }).fill("200");
    const { best } = await api("/fit", { size: "600x400", model: "gpt-5.4", max_tokens: 200 });
    const [saved] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: `Download in ${best.width} × ${best.height}` }).click(),
    ]);
    equal(saved.suggestedFilename(), `photo-${best.width}x${best.height}.jpg`);
    const data = readFileSync(await saved.path()).toString("base64");
    const { counts } = await api("/count", { data, name: "it.jpg", model: "gpt-5.4" });
    equal(counts[0].tokens, best.tokens);
  },
  async "the report is of the size that is chosen"(page) {
    await choose(page, "photo.jpg");
    await report(page);
    await page.getByLabel("Budget", { exact: true }).fill("200");
    const { best } = await api("/fit", { size: "600x400", model: "gpt-5.4", max_tokens: 200 });
    const inside = page.frameLocator("#report iframe:not(.coming)");
    await inside.getByText(`${best.width} × ${best.height} px`).first().waitFor();
  },
  async "a clip has a size and a length"(page) {
    await choose(page, "clip.mp4");
    await row(page, "gemini-2.5-flash").waitFor();
    const before = await tokens(page, "gemini-2.5-flash");
    const length = page.getByRole("slider", { name: "Length" });
    equal(await length.getAttribute("aria-valuetext"), "4.00 s");
    await length.fill("2000");
    await page.locator("output", { hasText: "2.00 s" }).waitFor();
    await page.waitForFunction(([was]) => !document.querySelector("#totals").textContent.includes(was), [before.toLocaleString("en-US")]);
    ok((await tokens(page, "gemini-2.5-flash")) < 0.6 * before);
    equal(await page.getByRole("slider", { name: "Size" }).getAttribute("aria-valuetext"), "640 × 360 px");
  },
  async "a sound has a length, which a budget sets"(page) {
    await choose(page, "melody.flac");
    await page.getByLabel("Budget", { exact: true }).fill("50");
    await page.getByLabel("model of the budget").selectOption("gemini-3-flash-preview");
    const info = { modality: "audio", samples: 166400, sample_rate: 16000, channels: 1 };
    const { length } = await api("/fit", { info, model: "gemini-3-flash-preview", max_tokens: 50 });
    await until(page, "gemini-3-flash-preview", length.tokens);
  },
  async "a table says what its tokenizers make of it, or what its text costs"(page) {
    await choose(page, "sunspots.csv");
    await page.getByText("below stands what tokenizers make of it").waitFor();
    await (await report(page)).getByText("chronos, 4,096 ids").first().waitFor();
    await page.getByLabel("Read it").selectOption("text");
    await row(page, "gpt-5.4").waitFor();
    match(await row(page, "gpt-5.4").textContent(), /exact/);
  },
  async "a request is counted part by part, with what would be cheaper"(page) {
    await choose(page, "request.json");
    const payload = JSON.parse(readFileSync(`${samples}/request.json`, "utf8"));
    const found = await api("/request", payload);
    await until(page, found.model, found.tokens);
    equal(await page.locator(".parts-of tbody tr").count(), found.parts.length);
    const [size] = found.advice[0].sizes;
    await page.getByText(`${size.width} × ${size.height} would cost ${size.tokens}`).waitFor();
    equal(await page.locator("#report:visible").count(), 0);
  },
  async "a request that is typed is known as one, and counts for other models"(page) {
    const payload = { messages: [{ role: "user", content: "hello" }] };
    await page.locator("#text").fill(JSON.stringify(payload));
    await page.getByText("the request names no model").waitFor();
    await pick(page, "gpt-4o-mini");
    const found = await api("/request?model=gpt-4o-mini", payload);
    await until(page, "gpt-4o-mini", found.tokens);
  },
  async "a request for several models is told for one of them, with what is not counted"(page) {
    const payload = { messages: [{ role: "user", content: [
      { type: "text", text: "hello" }, { type: "image_url", image_url: { url: "https://a.example/x.png" } },
    ] }] };
    await pick(page, "gpt-5.4", "claude-opus-5");
    await page.locator("#text").fill(JSON.stringify(payload));
    for (const model of ["gpt-5.4", "claude-opus-5"]) {
      await page.getByLabel("for", { exact: true }).selectOption(model);
      const found = await api(`/request?model=${model}`, payload);
      await page.locator("#request .lead", { hasText: `${model} at ` }).waitFor();
      equal(await page.locator(".parts-of tbody tr").count(), found.parts.length);
      await page.getByText("not fetched: https://a.example/x.png").waitFor();
    }
  },
  async "a file that nobody reads is told as multitok words it"(page) {
    await page.locator("#file").setInputFiles({
      name: "junk.bin", mimeType: "application/octet-stream", buffer: Buffer.from([0, 1, 2, 106, 117]),
    });
    await page.getByText("junk.bin: not a file multitok can read").waitFor();
    await page.locator("#text").waitFor({ state: "hidden" });
  },
  async "what is too large is told before it is sent"(page) {
    const asked = [];
    page.on("request", (one) => asked.push(one.url()));
    await page.evaluate(() => {
      const given = new DataTransfer();
      given.items.add(new File([new Uint8Array(34e6)], "huge.mov"));
      dispatchEvent(new DragEvent("drop", { dataTransfer: given, cancelable: true }));
    });
    await page.getByText("huge.mov has 34.0 MB: this page sends up to 33.6 MB.").waitFor();
    deepEqual(asked, []);
  },
  async "names and texts are no markup"(page) {
    await page.locator("#file").setInputFiles({
      name: "<img src=x onerror=alert(1)>.txt", mimeType: "text/plain",
      buffer: Buffer.from("<script>document.title='no'</script><img src=x onerror=alert(1)>"),
    });
    await until(page, "gpt-5.4", (await api("/count", {
      text: "<script>document.title='no'</script><img src=x onerror=alert(1)>", model: "gpt-5.4",
    })).counts[0].tokens);
    await report(page);
    equal(await page.locator("#held img").count(), 0);
    match(await page.title(), /multitok/);
  },
  async "the numbers are said to those who listen"(page) {
    await page.locator("#text").fill("hello world");
    await page.getByRole("status").filter({ hasText: "gpt-5.4: 2 tokens, exact, $0.000005" }).waitFor();
  },
  async "samples come from the page itself"(page) {
    await page.getByRole("button", { name: "a picture" }).click();
    await until(page, "gpt-5.4", 2736); // 60 x 38 patches
    await page.getByRole("button", { name: "a request" }).click();
    await page.locator(".parts-of").waitFor();
    await page.getByRole("button", { name: "a text" }).click();
    await row(page, "gpt-5.4").waitFor();
  },
};

export async function locked(page) {
  await page.getByLabel("This service asks for its token").fill("another");
  await page.keyboard.press("Enter");
  await page.getByText("This is not the token of the service.").waitFor();
  equal(await page.locator("#desk:visible").count(), 0);
  await page.getByLabel("This service asks for its token").fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.locator("#text").fill("hello world");
  await until(page, "gpt-5.4", 2);
  await report(page);
}
