// The page inside of another page of ours, in a frame that is as high as the page: its page is told
// how high that is, and what opens, opens where the frame is in sight.
const framed = window.parent !== window;

if (framed) {
  const whole = document.documentElement;
  whole.classList.add("framed");
  const tellHeight = () => {
    window.parent.postMessage({ height: whole.getBoundingClientRect().height }, "*");
  };
  // What is out of sight is watched by no browser, so it is told when it is asked for, too.
  addEventListener("message", ({ source }) => { if (source === window.parent) tellHeight(); });
  new ResizeObserver(tellHeight).observe(whole);
  // A file that is dropped here would open in place of the whole page.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
}

function inSight(dialog, open) {
  if (!framed) return open();
  return new IntersectionObserver(([{ intersectionRect: seen }], watch) => {
    watch.disconnect();
    dialog.style.setProperty("--top", `${seen.top + 0.02 * seen.height}px`);
    dialog.style.setProperty("--high", `${0.96 * seen.height}px`);
    open();
  }).observe(document.documentElement);
}
