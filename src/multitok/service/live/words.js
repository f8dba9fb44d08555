// How numbers and names are written here: as the report writes them.

export function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

export const grouped = (n) => n.toLocaleString("en-US");
export const many = (n, what) => `${grouped(n)} ${what}${n === 1 ? "" : "s"}`;
export const sides = ({ width, height }) => `${width} × ${height}`;
export const seconds = (n) => `${n < 60 ? n.toFixed(2) : n.toFixed(1)} s`;

export function bytes(n) {
  if (n < 1000) return many(n, "byte");
  return n < 1e6 ? `${(n / 1e3).toFixed(1)} KB` : `${(n / 1e6).toFixed(1)} MB`;
}

export function share(part) {
  if (part === null || part === undefined) return "";
  return part > 0 && part < 0.001 ? "<0.1 %" : `${(100 * part).toFixed(1)} %`;
}

// Dollars as the service has them, decimal text: all with the digits of the finest.
export function money(amounts) {
  const digits = (text) => (text.split(".")[1] ?? "").length;
  const finest = Math.max(2, ...amounts.filter(Boolean).map(digits));
  return amounts.map((text) => {
    if (text === null) return "unknown";
    if (text === undefined) return "";
    const [whole, rest = ""] = text.split(".");
    return `$${grouped(+whole)}.${rest.padEnd(finest, "0")}`;
  });
}

const SIGN = {
  exact: "=", documented: "§", observed: "¶", "upper-bound": "≤", estimate: "≈", rejected: "×",
};

export function kind(name) {
  return make("span", { class: `kind ${name}` },
    make("b", { "aria-hidden": "true" }, SIGN[name] ?? "?"), ` ${name}`);
}

// A long name may break after a slash.
export const broken = (name) => name.split(/(?<=\/)/).flatMap((part) => [part, make("wbr")]);

export function told(element, text) {
  element.textContent = text ?? "";
  element.hidden = !text;
}
