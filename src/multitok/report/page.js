// What moves on the page of an inspection. Without it the page is whole: every panel stands below
// the other. It reads attributes and writes text; nothing from outside becomes markup.
"use strict";
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  function make(tag, attributes = {}, text = "") {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  }

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
    let beside = group.matches(".cards") && matchMedia("(min-width: 900px)").matches ? 1 : -1;

    function show(one, other) {
      [shown, beside] = [one, other];
      all("button", tabs).forEach((tab, i) => {
        tab.setAttribute("aria-selected", i === one);
        tab.tabIndex = i === one ? 0 : -1;
      });
      panels.forEach((panel, i) => {
        panel.hidden = i !== one && i !== other;
        panel.style.order = i === one ? 0 : 1;
        panel.setAttribute("role", i === other ? "region" : "tabpanel");
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
})();
