// What is to be counted: typed, pasted, dropped or chosen; and how it is shown that it is there.
import { bytes, make, told } from "./words.js";

const $$ = (id) => document.getElementById(id);
const KEYS = ["messages", "contents", "input", "prompt", "tools"];
const LARGEST_READ = 16e6;

// A whole request to an API: JSON with the keys of one.
export function isRequest(text) {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    const read = JSON.parse(text);
    if (Array.isArray(read)) return read.length > 0 && read.every((one) => one?.role || one?.tool);
    return KEYS.some((key) => key in read);
  } catch {
    return false;
  }
}

export function givenBox(changed) {
  const [box, text, held, file, fault, note] = (
    ["box", "text", "held", "file", "given-fault", "given-note"].map($$)
  );
  const limit = Number(document.body.dataset.limit);
  let address = "";

  function typed() {
    told(fault, "");
    told(note, "");
    const value = text.value;
    if (new Blob([value]).size > limit) return tooLarge("the text", new Blob([value]).size);
    if (!value) return changed(null);
    return changed({ kind: isRequest(value) ? "request" : "text", text: value, name: "text" });
  }

  function tooLarge(name, size) {
    told(fault, `${name} has ${bytes(size)}: this page sends up to ${bytes(limit)}.`
      + " What is larger is counted on a terminal: multitok inspect FILE");
  }

  async function take(given, name = given.name) {
    told(fault, "");
    told(note, "");
    if (given.size > limit) return tooLarge(name, given.size);
    const readable = /\.json$/i.test(name) || given.type === "application/json";
    const content = readable && given.size < LARGEST_READ ? await given.text() : "";
    show(given, name);
    if (isRequest(content)) return changed({ kind: "request", text: content, name });
    return changed({ kind: "file", file: given, name });
  }

  function takeAll(files) {
    if (files.length === 0) return;
    take(files[0]);
    if (files.length > 1) {
      told(note, `One at a time: this is ${files[0].name}. Many at once: multitok count FILE...`);
    }
  }

  function show(given, name) {
    forget();
    address = URL.createObjectURL(given);
    const away = make("button", { type: "button", "aria-label": `remove ${name}` }, "Remove");
    away.addEventListener("click", () => { clear(); text.focus(); });
    const line = make("div", { class: "line" },
      make("p", {}, make("b", {}, name), make("small", {}, bytes(given.size))), away);
    held.replaceChildren(...[preview(given, name), line].filter(Boolean));
    held.hidden = false;
    text.hidden = true;
    box.classList.add("full");
  }

  function preview(given, name) {
    const [what] = given.type.split("/");
    const tag = { image: "img", video: "video", audio: "audio" }[what];
    if (!tag) return null;
    const shown = make(tag, tag === "img" ? { alt: name } : { controls: "", "aria-label": name });
    shown.addEventListener("error", () => shown.remove()); // what this browser cannot show
    shown.src = address;
    return shown;
  }

  function forget() {
    URL.revokeObjectURL(address);
    address = "";
  }

  function clear() {
    forget();
    held.replaceChildren();
    held.hidden = true;
    text.hidden = false;
    box.classList.remove("full");
    typed();
  }

  text.addEventListener("input", typed);
  $$("choose").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    takeAll([...file.files]);
    file.value = "";
  });
  listen(box, takeAll);
  return {
    fault: (words) => told(fault, words),
    take,
    type: (value) => {
      clear();
      text.value = value;
      typed();
    },
  };
}

// Files that are dropped anywhere on the page, or pasted.
function listen(box, takeAll) {
  const files = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
  const over = (is) => {
    box.classList.toggle("over", is);
    document.body.classList.toggle("dragging", is); // the frame of the report lets it pass
  };
  addEventListener("dragover", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => { if (!event.relatedTarget) over(false); });
  addEventListener("drop", (event) => {
    if (!files(event)) return;
    event.preventDefault();
    over(false);
    takeAll([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData?.files ?? []];
    // what is copied from a table or a letter is text, and a picture of it
    if (!pasted.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    takeAll(pasted);
  });
}
