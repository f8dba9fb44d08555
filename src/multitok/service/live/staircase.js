// The tokens of every size worth choosing, as a stair above the slider: where it drops, a smaller
// picture costs less. The thumb stands below its own place on it.

const SVG = "http://www.w3.org/2000/svg";
const [WIDE, HIGH] = [1000, 100];

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// points: [value of the slider, tokens], the largest first
export function staircase(points, { min, max }) {
  const most = points[0]?.[1] ?? 0;
  if (new Set(points.map(([, tokens]) => tokens)).size < 3) return null;
  const x = (value) => (WIDE * (Math.max(value, min) - min)) / (max - min || 1);
  const y = (tokens) => HIGH - (HIGH * tokens) / most;
  // up to a size it costs what the largest below it costs: from the small end
  const rising = [...points].reverse();
  let d = `M0 ${HIGH}`;
  rising.forEach(([value, tokens], i) => {
    const from = i === 0 ? 0 : x(rising[i - 1][0]);
    d += `L${from.toFixed(1)} ${y(tokens).toFixed(2)}L${x(value).toFixed(1)} ${y(tokens).toFixed(2)}`;
  });
  const chart = shape("svg", {
    class: "stairs", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const now = shape("line", { class: "now", y1: 0, y2: HIGH });
  const budget = shape("line", { class: "budget", x1: 0, x2: WIDE });
  const under = shape("clipPath", { id: "under" });
  const clip = shape("rect", { x: 0, y: -4, height: HIGH + 8 });
  under.append(clip);
  chart.append(under, shape("path", { class: "all", d: `${d}L${WIDE} ${HIGH}Z` }),
    shape("path", { class: "kept", d: `${d}L${WIDE} ${HIGH}Z`, "clip-path": "url(#under)" }),
    budget, now);
  return {
    chart,
    stand(value) {
      now.setAttribute("x1", x(value));
      now.setAttribute("x2", x(value));
      clip.setAttribute("width", x(value));
    },
    limit(tokens) {
      budget.style.display = tokens > 0 && tokens < most ? "" : "none";
      if (tokens > 0) {
        budget.setAttribute("y1", y(tokens));
        budget.setAttribute("y2", y(tokens));
      }
    },
  };
}
