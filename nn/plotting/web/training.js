"use strict";
(() => {
  const frames = data.frames, slider = by("slider");
  const canvas = by("boundary"), pen = canvas.getContext("2d");
  for (const [id] of [...frames[0].boxes, ...frames[0].arrows]) outline(by(id));

  const largest = Math.max(...frames.flatMap(f => f.grid.flat()).map(Math.abs)) || 1;
  function plane(frame) {
    const style = getComputedStyle(document.documentElement), colour = name => style.getPropertyValue(`--${name}`);
    const rows = frame.grid.length, columns = frame.grid[0].length, { width, height } = canvas;
    const at = (r, c) => frame.grid[Math.max(0, Math.min(rows - 1, r))][Math.max(0, Math.min(columns - 1, c))];
    pen.globalAlpha = 1;
    pen.fillStyle = colour("paper");
    pen.fillRect(0, 0, width, height);
    const step = 4; // pixels: between the points of the grid the answers are interpolated
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step) {
        const c = (x / width) * (columns - 1), r = (1 - y / height) * (rows - 1), [i, j] = [Math.floor(r), Math.floor(c)];
        const mix = (a, b, share) => a + (b - a) * share;
        const answer = mix(mix(at(i, j), at(i, j + 1), c - j), mix(at(i + 1, j), at(i + 1, j + 1), c - j), r - i);
        pen.fillStyle = colour(answer > 0 ? "p3" : "n3");
        pen.globalAlpha = 0.15 + 0.6 * Math.min(1, Math.sqrt(Math.abs(answer) / largest));
        pen.fillRect(x, y, step, step);
      }
    }
    const [left, right, bottom, top] = data.bounds;
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("paper");
    pen.lineWidth = 2;
    for (const [px, py, kind] of data.points) {
      const x = ((px - left) / (right - left)) * width, y = (1 - (py - bottom) / (top - bottom)) * height;
      pen.fillStyle = colour(kind > 0 ? "p4" : "n4");
      pen.beginPath();
      if (kind > 0) pen.arc(x, y, 6, 0, 7);
      else pen.rect(x - 5, y - 5, 10, 10);
      pen.fill();
      pen.stroke();
    }
  }
  const losses = frames.map(f => number(f.loss)), finite = losses.filter(Number.isFinite), top = Math.max(...finite, 0) || 1;
  const across = i => (frames.length > 1 ? (i / (frames.length - 1)) * 98 + 1 : 50);
  by("curve").querySelector("path").setAttribute("d", losses.map((l, i) => [i, l]).filter(([, l]) => Number.isFinite(l)).map(([i, l], k) => `${k ? "L" : "M"}${across(i)},${38 - (l / top) * 36}`).join(""));

  let place = 0, timer = 0;
  function go(target) {
    place = Math.max(0, Math.min(frames.length - 1, target));
    const frame = frames[place];
    for (const [id, value, grad, level] of frame.boxes) {
      const box = by(id), texts = { ".data": value, ".grad": grad };
      for (const role in texts) if (box.querySelector(role)) box.querySelector(role).textContent = texts[role];
      box.dataset.level = level;
    }
    for (const [id, level] of frame.arrows) by(id).dataset.level = level;
    plane(frame);
    const line = by("curve").querySelector("line");
    line.setAttribute("x1", across(place));
    line.setAttribute("x2", across(place));
    by("place").textContent = `epoch ${frame.epoch}`;
    by("loss").textContent = `Epoch ${frame.epoch}: loss ${frame.shown}`;
    slider.value = place;
    slider.setAttribute("aria-valuetext", by("place").textContent);
  }
  function play(on = !timer) {
    clearInterval(timer);
    timer = 0;
    if (on && place === frames.length - 1) go(0);
    if (on) timer = setInterval(() => (place < frames.length - 1 ? go(place + 1) : play(false)), 400);
    by("play").textContent = on ? "⏸ Pause" : "▶ Play";
    by("play").setAttribute("aria-pressed", String(on));
    by("loss").setAttribute("aria-live", on ? "off" : "polite");
  }
  const actions = { first: () => go(0), back: () => go(place - 1), play: () => play(), forward: () => go(place + 1), last: () => go(frames.length - 1), theme: () => { switchTheme(); go(place); } };
  for (const [id, action] of Object.entries(actions)) by(id).addEventListener("click", action);
  slider.addEventListener("input", () => go(Number(slider.value)));
  onKeys({ ArrowRight: actions.forward, ArrowLeft: actions.back, Home: actions.first, End: actions.last, " ": actions.play, t: actions.theme });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go(place));
  slider.max = frames.length - 1;
  go(0);
})();
