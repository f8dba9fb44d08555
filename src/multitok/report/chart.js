// What the points of a chart say, and what stands along its plots, under the pointer, the finger or
// the arrow keys: a drawing is one stop of the tabulator. Without it each has a title.
{
  const NEAR = 22; // pixels around a point in which it is meant: half of what a finger covers
  const EDGES = 10000; // parts of a plot's width in which edges are told

  const titled = (shape) => {
    const title = shape.querySelector("title");
    title.remove(); // or the browser shows it a second time
    return title.textContent.split("\n");
  };
  const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];

  function pointOf(shape) {
    const lines = titled(shape);
    return {
      shape, many: 1, lines: () => lines, box: () => shape.getBoundingClientRect(),
      light: (i) => shape.classList.toggle("at", i !== null),
    };
  }

  // Cells as they are sent: how all of a line begin and end, then what stands between, and nothing
  // where that is as at the stop before.
  function unpacked(line) {
    const [head, tail, ...cells] = line.split("\t");
    let last = "";
    return cells.map((cell) => { last = cell || last; return head + last + tail; });
  }

  function stopsOf({ edges, lines }) {
    return { edges: edges.split(" ").map((n) => n / EDGES), lines: lines.split("\n").map(unpacked) };
  }

  // A plot: its stops lie between edges, as shares of its width.
  function plotOf(shape, stops) {
    titled(shape);
    const { edges, lines } = stops;
    const [left, wide] = ["x", "width"].map((name) => +shape.getAttribute(name));
    const bar = shape.cloneNode();
    bar.setAttribute("class", "bar-at");
    bar.style.display = "none";
    shape.before(bar);
    return {
      shape, stops, many: edges.length - 1,
      lines: (i) => lines.map((line) => line[i]),
      box: () => bar.getBoundingClientRect(),
      at: (share) => Math.max(0, edges.findIndex((edge, i) => i > 0 && share <= edge) - 1),
      light: (i) => {
        bar.style.display = i === null ? "none" : "";
        if (i === null) return;
        bar.setAttribute("x", left + edges[i] * wide);
        bar.setAttribute("width", Math.max(1, (edges[i + 1] - edges[i]) * wide));
      },
    };
  }

  function charted(svg, told) {
    const plots = all(".track", svg).map((shape) => plotOf(shape, told[shape.dataset.track]));
    const points = all(".point", svg).map(pointOf);
    const items = [...plots, ...points];
    if (!items.length) return;
    svg.tabIndex = 0;

    const at = ({ clientX: x, clientY: y }) => {
      const far = points.map((item) => {
        const [a, b] = middle(item.box());
        return Math.hypot(a - x, b - y);
      });
      const nearest = far.indexOf(Math.min(...far));
      if (far[nearest] <= NEAR) return { item: points[nearest], i: 0 };
      for (const item of plots) {
        const box = item.shape.getBoundingClientRect();
        if (x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) {
          return { item, i: item.at((x - box.left) / box.width) };
        }
      }
      return null;
    };

    // The stop itself, and on plots that share its track the same one.
    const lit = (item, to) => item === to.item || (item.stops && item.stops === to.item.stops);
    const mark = (to) => {
      for (const item of items) item.light(to && lit(item, to) ? to.i : null);
      if (to !== null) tell(to.item.lines(to.i), to.item.box());
    };

    // Left and right along a plot and on to the next, up and down from plot to plot.
    const first = (item) => item && { item, i: 0 };
    const last = (item) => item && { item, i: item.many - 1 };
    const beside = (item, i) => item && { item, i: Math.min(i, item.many - 1) };
    const next = (now, key) => {
      const { item, i } = now ?? { i: 0 };
      const place = items.indexOf(item);
      const before = items.at(place - (item ? 1 : 0));
      const [less, more] = [item && place === 0 ? undefined : before, items[place + 1]];
      const to = {
        ArrowRight: item && i + 1 < item.many ? { item, i: i + 1 } : first(more),
        ArrowLeft: item && i > 0 ? { item, i: i - 1 } : last(less),
        ArrowDown: beside(more, i), ArrowUp: beside(less, i),
        Home: first(items[0]), End: last(items.at(-1)),
      };
      return key in to ? to[key] ?? now : undefined;
    };
    explored(svg, { at, next, mark });
  }

  for (const figure of all("figure")) {
    const told = all(".stops", figure).map((one) => stopsOf(one.dataset));
    for (const svg of all("svg", figure)) charted(svg, told);
  }
}
