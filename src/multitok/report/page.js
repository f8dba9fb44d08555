// What moves on the page of an inspection. Without it the page is whole: every panel stands below
// the other. It reads attributes and writes text; nothing from outside becomes markup.
{
  // --- the list at the side: folded on a small screen, and it knows where the reader is ---------

  for (const nav of all("nav.side")) {
    const list = nav.querySelector("details");
    const wide = matchMedia("(min-width: 1100px)");
    const fold = () => { list.open = wide.matches; };
    wide.addEventListener("change", fold);
    fold();
    const links = new Map(all("a", nav).map((link) => [link.hash.slice(1), link]));
    nav.addEventListener("click", (event) => {
      if (event.target.closest("a")) fold();
    });
    const here = () => {
      const past = all("main > section").filter((s) => s.getBoundingClientRect().top < 140);
      const now = links.get((past.at(-1) ?? { id: "input-1" }).id);
      for (const link of links.values()) {
        if (link === now) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
      if (now && wide.matches) now.scrollIntoView({ block: "nearest" });
    };
    let waiting = false;
    addEventListener("scroll", () => {
      if (!waiting) requestAnimationFrame(() => { waiting = false; here(); });
      waiting = true;
    }, { passive: true });
    here();
  }

  // --- a switch: one model, or two beside each other with the ratio of their tokens --------------

  function times(more, less) {
    const ratio = more / less;
    return Number.isFinite(ratio) ? `${ratio.toFixed(ratio < 100 ? 2 : 0)}x` : "";
  }

  function switchable(group, number) {
    const panels = all(":scope > .panel", group);
    if (panels.length < 2) return;
    const of = group.dataset.of;
    const short = (panel) => panel.dataset.name.split("/").at(-1);
    const bar = make("div", { class: "bar-of-tabs" });
    const tabs = bar.appendChild(make("div", { role: "tablist", "aria-label": of }));
    const choice = make("select");
    const label = make("label", {}, "beside ");
    const ratio = make("output");
    label.append(choice);
    bar.append(label, ratio);
    choice.append(make("option", { value: "-1" }, "nothing"));
    panels.forEach((panel, i) => {
      panel.id = `panel-${number}-${i}`;
      const tab = make("button", {
        type: "button", role: "tab", id: `tab-${number}-${i}`, "aria-controls": panel.id,
      }, short(panel));
      tab.title = panel.dataset.name;
      tab.addEventListener("click", () => show(i, beside === i ? shown : beside));
      tabs.append(tab);
      choice.append(make("option", { value: i }, short(panel)));
    });
    let shown = 0;
    const roomy = matchMedia("(min-width: 900px)").matches;
    let beside = group.matches(".cards:not(.wide)") && roomy ? 1 : -1;

    function show(one, other) {
      [shown, beside] = [one, other];
      all("button", tabs).forEach((tab, i) => {
        tab.setAttribute("aria-selected", i === one);
        tab.tabIndex = i === one ? 0 : -1;
      });
      panels.forEach((panel, i) => {
        panel.hidden = i !== one && i !== other;
        panel.style.order = i === one ? 0 : 1;
        panel.setAttribute("role", i === other ? "group" : "tabpanel");
        if (i === other) panel.setAttribute("aria-label", `beside: ${panel.dataset.name}`);
        else panel.removeAttribute("aria-label");
        if (i === other) panel.removeAttribute("aria-labelledby");
        else panel.setAttribute("aria-labelledby", `tab-${number}-${i}`);
      });
      all("option", choice).forEach((option) => { option.disabled = +option.value === one; });
      choice.value = other;
      group.classList.toggle("two", other >= 0);
      ratio.textContent = other < 0 ? "" : compared(panels[one], panels[other]);
    }

    function compared(one, other) {
      const ratio = times(+other.dataset.tokens, +one.dataset.tokens);
      return ratio && `${short(other)} takes ${ratio} the tokens of ${short(one)}`;
    }

    tabs.addEventListener("keydown", (event) => {
      const last = panels.length - 1;
      const to = {
        ArrowRight: shown === last ? 0 : shown + 1, ArrowLeft: shown === 0 ? last : shown - 1,
        Home: 0, End: last,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      all("button", tabs)[to].click();
      all("button", tabs)[to].focus();
    });
    choice.addEventListener("change", () => show(shown, +choice.value));
    group.before(bar);
    group.classList.add("switched");
    show(shown, beside);
  }

  all(".switch").forEach(switchable);

  // --- tokens of a text ---------------------------------------------------------------------------

  // Line and column of each piece, from 1, in characters; worked out when they are first asked for.
  function placed(pieces) {
    let [row, column, token] = [1, 1, 0];
    return pieces.map((piece) => {
      const ids = piece.dataset.id === "no token" ? [] : piece.dataset.id.split(" ");
      const bytes = "bytes" in piece.dataset
        ? piece.dataset.bytes.match(/../g) ?? []
        : [...new TextEncoder().encode(plain(piece))].map((b) => b.toString(16).padStart(2, "0"));
      const told = { ids, bytes, row, column, token: token + 1 };
      const text = new TextDecoder().decode(Uint8Array.from(bytes, (b) => parseInt(b, 16)));
      const lines = text.split("\n");
      row += lines.length - 1;
      column = [...lines.at(-1)].length + (lines.length > 1 ? 1 : column);
      token += ids.length;
      return told;
    });
  }

  function plain(piece) {
    const copy = piece.cloneNode(true);
    for (const sign of all("u", copy)) sign.remove();
    return copy.textContent;
  }

  for (const area of all(".pieces")) {
    const pieces = all(":scope > span", area);
    let places = null;
    let marked = null;
    const mark = (i) => {
      marked?.classList.remove("at");
      marked = pieces[i] ?? null;
      if (marked === null) return;
      places ??= placed(pieces);
      marked.classList.add("at");
      const { ids, bytes, row, column, token } = places[i];
      const to = ids.length > 1 ? ` to ${grouped(token + ids.length - 1)}` : "";
      const shown = bytes.slice(0, 24).join(" ") + (bytes.length > 24 ? " ..." : "");
      tell([
        ids.length ? `id ${ids.join(" ")}` : "no token",
        bytes.length ? `${many(bytes.length, "byte")}: ${shown}` : "no bytes of the text",
        `row ${grouped(row)}, column ${grouped(column)}`,
        ids.length && `token${to && "s"} ${grouped(token)}${to}`,
      ], marked.getClientRects()[0] ?? marked.getBoundingClientRect());
    };
    explored(area, {
      mark,
      at: (event) => {
        const i = pieces.indexOf(event.target.closest(".pieces > span"));
        return i < 0 ? null : i;
      },
      next: (now, key) => {
        const last = pieces.length - 1;
        const to = {
          ArrowRight: now === null ? 0 : Math.min(now + 1, last),
          ArrowLeft: now === null ? last : Math.max(now - 1, 0), Home: 0, End: last,
        }[key];
        if (to !== undefined) pieces[to]?.scrollIntoView({ block: "nearest" });
        return to;
      },
    });
  }

  // --- patches of a picture, frames of a clip, tokens of a sound ----------------------------------

  const numbers = (text) => (text ? text.split(" ").map(Number) : []);

  // "0 10*3 5" is 0 10 20 30 35: the first, then steps.
  function stepped(text) {
    const found = [];
    for (const run of text ? text.split(" ") : []) {
      const [step, times = 1] = run.split("*").map(Number);
      for (let i = 0; i < times; i += 1) found.push((found.at(-1) ?? 0) + step);
    }
    return found;
  }

  // Attributes to grids: boxes on the canvas, cut into cells, with their tokens where they are known.
  function gridsOf({ grids, canvas, picture, source, tokens, ids, words, edges, each, rate }) {
    const times = edges ? edges.split(",").map(stepped) : [];
    const read = grids.split(",").map(numbers).map(([left, top, right, bottom, ...rest], i) => {
      const [rows, columns, first, stride] = rest;
      const [from, ...to] = times[i] ?? [];
      const share = (c) => (c && to.length ? (to[c - 1] - from) / (to.at(-1) - from) : c / columns);
      return { left, top, right, bottom, rows, columns, first, stride, share, times: times[i] };
    });
    return {
      grids: read, canvas: numbers(canvas), picture: numbers(picture), source: numbers(source),
      tokens: +tokens || 0, ids: numbers(ids), words: words ? words.split("\n") : [],
      each: +each || 1, rate: +rate,
    };
  }

  // The cell as a box on the canvas, and the part of the file's picture under it, if any.
  function boxesOf(where, { grid, row, column }) {
    const { left, top, right, bottom, rows, share } = where.grids[grid];
    const [wide, high] = [right - left, (bottom - top) / rows];
    const x0 = Math.max(0, left + share(column) * wide);
    const x1 = Math.min(where.canvas[0], left + share(column + 1) * wide);
    const box = [x0, top + row * high, x1, top + (row + 1) * high].map(Math.round);
    if (!where.picture.length) return { box };
    const [pl, pt, pr, pb] = where.picture;
    const [sl, st, sr, sb] = where.source;
    const [x, y] = [(sr - sl) / (pr - pl), (sb - st) / (pb - pt)];
    const inside = [
      Math.max(box[0], pl), Math.max(box[1], pt), Math.min(box[2], pr), Math.min(box[3], pb),
    ];
    const source = inside[0] >= inside[2] || inside[1] >= inside[3] ? null : [
      Math.floor(sl + (inside[0] - pl) * x), Math.floor(st + (inside[1] - pt) * y),
      Math.ceil(sl + (inside[2] - pl) * x), Math.ceil(st + (inside[3] - pt) * y),
    ];
    return { box, source };
  }

  // The tokens of a cell with their ids: all of a few, of many the first and the last.
  function tokensOf({ each, tokens, ids }, from) {
    const to = Math.min(from + each, tokens);
    const own = ids.slice(from, to);
    const list = own.length > 6 ? `${own.slice(0, 3).join(" ")} … ${own.at(-1)}` : own.join(" ");
    const numbered = to - from > 1 ? `s ${grouped(from + 1)} to ${grouped(to)}` : ` ${grouped(to)}`;
    return [`token${numbered} of ${grouped(tokens)}`, own.length && `id${own.length > 1 ? "s" : ""} ${list}`];
  }

  // Seconds with as many digits as tell one cell from the next.
  function secondsOf({ rate }, times, column) {
    const mean = (times.at(-1) - times[0]) / rate / (times.length - 1);
    const digits = Math.min(6, Math.max(2, Math.ceil(1 - Math.log10(mean))));
    const [from, to] = [times[column], times[column + 1]].map((n) => (n / rate).toFixed(digits));
    return `${from} to ${to} s`;
  }

  function wordsOf(where, cell) {
    const { rows, columns, first, stride, times } = where.grids[cell.grid];
    const known = first !== undefined;
    const token = first + cell.row * stride + cell.column * where.each;
    if (times) return [...tokensOf(where, token), secondsOf(where, times, cell.column)];
    const { box, source } = boxesOf(where, cell);
    const [wide, high] = [box[2] - box[0], box[3] - box[1]];
    const tile = !where.words.length && where.grids.length > 1 ? `tile ${cell.grid + 1} of ${where.grids.length}` : "";
    const place = `row ${cell.row + 1} of ${rows}, column ${cell.column + 1} of ${columns}`;
    const order = cell.row * columns + cell.column + 1;
    const span = ([l, t, r, b]) => `x ${l}–${r - 1}, y ${t}–${b - 1}`;
    const said = [
      where.words[cell.grid],
      [tile, rows * columns > 1 && place].filter(Boolean).join(" · "),
      ...(known ? tokensOf(where, token) : []),
      !known && rows * columns > 1 && `patch ${grouped(order)} of ${grouped(rows * columns)}`,
    ];
    if (source === undefined) return said;
    const same = source !== null && span(source) === span(box);
    return [
      ...said,
      `${wide} × ${high} px, ${grouped(wide * high * 3)} bytes`,
      `pixels ${span(box)}`,
      source === null ? "padding" : !same && `of the file: ${span(source)}`,
    ];
  }

  function patched(area) {
    if (!area.dataset.grids) return;
    const where = gridsOf(area.dataset);
    const picture = area.querySelector("img");
    const frame = area.appendChild(make("i", { class: "patch" }));
    frame.hidden = true;
    area.tabIndex = 0;
    area.setAttribute("role", "group");
    const what = where.picture.length ? "patches" : "tokens";
    area.setAttribute("aria-label", `${what} of ${picture.alt}`);
    const { grids, canvas } = where;

    // The cell of a grid at a point of the canvas, or the one nearest to it.
    const cellOf = (grid, x, y) => {
      const { left, top, right, bottom, rows, columns, share } = grids[grid];
      const [across, down] = [(x - left) / (right - left), (y - top) / (bottom - top)];
      let column = 0;
      while (column + 1 < columns && share(column + 1) <= across) column += 1;
      return { grid, column, row: Math.max(0, Math.min(rows - 1, Math.floor(down * rows))) };
    };

    const at = (event) => {
      const drawn = picture.getBoundingClientRect();
      const x = ((event.clientX - drawn.left) / drawn.width) * canvas[0];
      const y = ((event.clientY - drawn.top) / drawn.height) * canvas[1];
      const grid = grids.findIndex((g) => x >= g.left && x < g.right && y >= g.top && y < g.bottom);
      return grid < 0 ? null : cellOf(grid, x, y);
    };

    const mark = (cell) => {
      frame.hidden = cell === null;
      if (cell === null) return;
      const { box } = boxesOf(where, cell);
      frame.style.left = `${(100 * box[0]) / canvas[0]}%`;
      frame.style.top = `${(100 * box[1]) / canvas[1]}%`;
      frame.style.width = `${(100 * (box[2] - box[0])) / canvas[0]}%`;
      frame.style.height = `${(100 * (box[3] - box[1])) / canvas[1]}%`;
      tell(wordsOf(where, cell), frame.getBoundingClientRect());
    };

    // By arrow keys to the cell beside it, over the edge of a grid into the nearest on that side; at
    // the end of a line into the grid that comes next.
    const next = (now, key) => {
      const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[key];
      if (!by) return undefined;
      if (now === null) return { grid: 0, row: 0, column: 0 };
      const [row, column] = [now.row + by[0], now.column + by[1]];
      const g = grids[now.grid];
      if (row >= 0 && column >= 0 && row < g.rows && column < g.columns) {
        return { grid: now.grid, row, column };
      }
      const { box } = boxesOf(where, now);
      const [x, y] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
      const away = grids.map(({ left, top, right, bottom }) => {
        const besides = by[1] ? y >= top && y < bottom : x >= left && x < right;
        const far = by[1] > 0 ? left - g.right : by[1] < 0 ? g.left - right
          : by[0] > 0 ? top - g.bottom : g.top - bottom;
        return besides && far >= 0 ? far : Infinity;
      });
      const nearest = away.indexOf(Math.min(...away));
      const beyond = by[1] ? [by[1] * -1e9, y] : [x, by[0] * -1e9];
      if (away[nearest] < Infinity) return cellOf(nearest, ...beyond);
      return by[1] && grids[now.grid + by[1]] ? cellOf(now.grid + by[1], ...beyond) : now;
    };
    explored(area, { at, next, mark });
  }

  // --- a picture as large as the window, and larger ---------------------------------------------

  const large = document.body.appendChild(make("dialog", { class: "large" }));

  function enlarge(area) {
    const picture = area.querySelector("img");
    const bar = make("div", { class: "large-bar" });
    const size = make("button", { type: "button" });
    const close = make("button", { type: "button" }, "Close");
    const room = make("div", { class: "room" });
    const copy = room.appendChild(make("div", { class: "picture" }));
    copy.append(picture.cloneNode());
    if (area.dataset.grids) Object.assign(copy.dataset, area.dataset);
    const fit = (fits) => {
      large.classList.toggle("fits", fits);
      size.textContent = fits ? "Zoom in" : "Zoom out";
    };
    size.addEventListener("click", () => fit(!large.classList.contains("fits")));
    close.addEventListener("click", () => large.close());
    bar.append(make("span", {}, picture.alt), size, close);
    room.style.setProperty("--ratio", picture.getAttribute("width") / picture.getAttribute("height"));
    room.style.setProperty("--own", `${picture.getAttribute("width")}px`);
    large.replaceChildren(bar, room);
    large.setAttribute("aria-label", picture.alt);
    patched(copy);
    fit(picture.getAttribute("width") < 2.5 * innerWidth);
    tip.hidden = true;
    inSight(large, () => {
      large.showModal();
      close.focus({ preventScroll: true });
    });
  }

  large.addEventListener("click", (event) => {
    if (event.target === large || event.target.matches(".room")) large.close();
  });
  large.addEventListener("close", () => { tip.hidden = true; });

  for (const area of all(".picture")) {
    patched(area);
    const button = make("button", {
      type: "button", class: "enlarge", "aria-label": `enlarge: ${area.querySelector("img").alt}`,
    }, "⤢");
    button.addEventListener("click", (event) => { event.stopPropagation(); enlarge(area); });
    area.append(button);
    area.addEventListener("dblclick", () => enlarge(area));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === area) enlarge(area);
    });
  }
}
