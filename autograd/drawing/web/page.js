"use strict";
// What every page of ours needs.
const by = id => document.getElementById(id);
const number = x => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[x] ?? Number(x);
const data = JSON.parse(by("data").textContent);
const fill = (element, ...inside) => { element.append(...inside); return element; };
const make = (name, facts, ...inside) =>
  fill(Object.assign(document.createElement(name), facts), ...inside);
const give = (element, attributes) => {
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};
const drawn = (name, attributes, ...inside) =>
  fill(give(document.createElementNS("http://www.w3.org/2000/svg", name), attributes), ...inside);
// An element keeps what was last written to it: to ask the page would take longer.
const put = (element, text) => {
  if (element.said !== text) element.textContent = element.said = text;
};
const shade = (element, level) => {
  if (element.level !== level) element.dataset.level = element.level = level;
};

// Start once there is room to measure the picture in: a frame in another page has none at first.
function begin(start) {
  if (document.body.clientWidth) return start();
  new ResizeObserver((_, observer) => {
    if (!document.body.clientWidth) return;
    observer.disconnect();
    start();
  }).observe(document.body);
}
// Mark the shapes of a box or an arrow that its gradient colours.
function outline(element) {
  for (const shape of element.querySelectorAll("path, polygon, polyline, ellipse, rect")) {
    const stroke = shape.getAttribute("stroke");
    if (stroke !== "none" && stroke !== "#d8dee4") shape.classList.add("outline");
  }
  for (const head of element.matches(".edge") ? element.querySelectorAll("polygon") : []) {
    head.classList.add("head");
  }
}
function switchTheme() {
  const { dataset } = document.documentElement, wanted = matchMedia("(prefers-color-scheme: dark)");
  const dark = dataset.theme ? dataset.theme === "dark" : wanted.matches;
  dataset.theme = dark ? "light" : "dark";
}
// Keys do what they say, but not where the element that has the focus knows them itself.
function onKeys(actions) {
  document.addEventListener("keydown", event => {
    const { target, key } = event, own = ["BUTTON", "SUMMARY", "INPUT"].includes(target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey || target.tagName === "SELECT") return;
    if (target.closest("form") || (own && [" ", "Enter"].includes(key))) return;
    const pushed = target.dataset.frame && key === " " ? "Enter" : key; // a module is a button
    const action = actions[pushed.length === 1 ? pushed.toLowerCase() : pushed];
    if (action) { event.preventDefault(); action(); }
  });
}
function pressed(on) {
  by("play").textContent = on ? "❚❚ Pause" : "▶ Play";
  by("play").setAttribute("aria-pressed", String(on));
}
// Lead through the places 0 to end, by buttons, keys, slider and clock. show(place) shows one, and
// gives where it is then; status is what a screen reader hears of it, but while the clock runs.
function controls({ show, end, delay, status, actions, keys }) {
  const slider = by("slider");
  let place = 0, timer = 0;
  function go(target = place, ...how) {
    place = show(Math.max(0, Math.min(end, target)), ...how);
    slider.value = place;
    slider.setAttribute("aria-valuetext", by("place").textContent);
  }
  function play(on) {
    clearTimeout(timer);
    timer = 0;
    if (on && place === end) go(0);
    const tick = () => {
      go(place + 1);
      if (place < end) timer = setTimeout(tick, delay());
      else play(false);
    };
    if (on) timer = setTimeout(tick, 50);
    pressed(on);
    status.setAttribute("aria-live", on ? "off" : "polite");
  }
  const moves = { first: () => go(0), back: () => go(place - 1), play: () => play(!timer),
    forward: () => go(place + 1), last: () => go(end), ...actions };
  for (const id in moves) by(id).addEventListener("click", () => moves[id]());
  slider.addEventListener("input", () => go(Number(slider.value)));
  slider.max = end;
  onKeys({ ArrowRight: moves.forward, ArrowLeft: moves.back, Home: moves.first, End: moves.last,
    " ": moves.play, t: moves.theme, ...keys });
  return go;
}
