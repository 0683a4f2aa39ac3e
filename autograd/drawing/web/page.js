"use strict";
// What every page around a drawing needs.
const by = id => document.getElementById(id);
const number = x => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[x] ?? Number(x);
const data = JSON.parse(by("data").textContent);

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
// Call an action at a key, except where the key has a meaning of its own.
function onKeys(actions) {
  document.addEventListener("keydown", event => {
    const { target, key } = event, own = ["BUTTON", "SUMMARY", "INPUT"].includes(target.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey || target.tagName === "SELECT") return;
    if (target.id === "guess" || (own && [" ", "Enter"].includes(key))) return;
    const action = actions[key.length === 1 ? key.toLowerCase() : key];
    if (action) { event.preventDefault(); action(); }
  });
}
