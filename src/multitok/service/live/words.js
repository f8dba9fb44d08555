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

// Dollars are decimal text, rounded as the report rounds them: halves to the even digit.
function rounded(text, digits) {
  const [whole, rest = ""] = text.split(".");
  const all = BigInt(whole + rest.padEnd(digits, "0"));
  const unit = 10n ** BigInt(Math.max(0, rest.length - digits));
  const [kept, twice] = [all / unit, 2n * (all % unit)];
  const up = twice > unit || (twice === unit && kept % 2n === 1n) ? 1n : 0n;
  const shown = String(kept + up).padStart(digits + 1, "0");
  return [grouped(BigInt(shown.slice(0, -digits))), shown.slice(-digits)];
}

// Digits behind the point: cents from a dollar on, four that are not 0 below, none idle.
function places(text) {
  const [whole, rest = ""] = text.split(".");
  if (Number(whole) > 0 || Number(rest) === 0) return 2;
  const [, cents] = rounded(text, rest.match(/^0*/)[0].length + 4);
  return Math.max(2, cents.replace(/0+$/, "").length);
}

// A column of dollars: all with the digits of the finest, so that points stand under points.
export function money(amounts) {
  const finest = Math.max(2, ...amounts.filter(Boolean).map(places));
  return amounts.map((text) => {
    if (text === null) return "unknown";
    return text === undefined ? "" : `$${rounded(text, finest).join(".")}`;
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
