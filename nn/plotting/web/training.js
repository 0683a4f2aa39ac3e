"use strict";
(() => {
  const frames = data.frames;
  const canvas = by("boundary"), pen = canvas.getContext("2d");
  for (const [id] of [...frames[0].boxes, ...frames[0].arrows]) outline(by(id));

  // The two inputs, coloured by the network's output, which is interpolated between grid points.
  const largest = Math.max(...frames.flatMap(f => f.grid.flat()).map(Math.abs)) || 1;
  const clip = (i, count) => Math.max(0, Math.min(count - 1, i));
  const mix = (a, b, share) => a + (b - a) * share;
  function paint({ grid }) {
    const style = getComputedStyle(document.documentElement), { width, height } = canvas;
    const colour = name => style.getPropertyValue(`--${name}`);
    const rows = grid.length, columns = grid[0].length, step = 4; // pixels
    const at = (r, c) => grid[clip(r, rows)][clip(c, columns)];
    pen.clearRect(0, 0, width, height);
    for (let y = 0; y < height; y += step) {
      for (let x = 0; x < width; x += step) {
        const c = (x / width) * (columns - 1), r = (1 - y / height) * (rows - 1);
        const i = Math.floor(r), j = Math.floor(c);
        const [low, high] = [i, i + 1].map(row => mix(at(row, j), at(row, j + 1), c - j));
        const output = mix(low, high, r - i);
        pen.fillStyle = colour(output > 0 ? "p3" : "n3");
        pen.globalAlpha = 0.15 + 0.6 * Math.min(1, Math.sqrt(Math.abs(output) / largest));
        pen.fillRect(x, y, step, step);
      }
    }
    const [left, right, bottom, top] = data.bounds;
    pen.globalAlpha = 1;
    pen.strokeStyle = colour("paper");
    pen.lineWidth = 2;
    for (const [px, py, kind] of data.points) {
      const x = ((px - left) / (right - left)) * width;
      const y = (1 - (py - bottom) / (top - bottom)) * height;
      pen.fillStyle = colour(kind > 0 ? "p4" : "n4");
      pen.beginPath();
      if (kind > 0) pen.arc(x, y, 6, 0, 7);
      else pen.rect(x - 5, y - 5, 10, 10);
      pen.fill();
      pen.stroke();
    }
  }

  // The curve of the loss, without what is not finite
  const across = i => (frames.length > 1 ? (i / (frames.length - 1)) * 98 + 1 : 50);
  const losses = frames.map((f, i) => [across(i), number(f.loss)]);
  const finite = losses.filter(([, loss]) => Number.isFinite(loss));
  const top = Math.max(...finite.map(([, loss]) => loss), 0) || 1;
  const way = finite.map(([x, loss]) => `${x},${38 - (loss / top) * 36}`).join("L");
  by("curve").querySelector("path").setAttribute("d", way && `M${way}`);

  function show(place) {
    const frame = frames[place], line = by("curve").querySelector("line");
    for (const [id, value, grad, level] of frame.boxes) {
      const box = by(id), texts = { ".data": value, ".grad": grad };
      for (const role in texts) {
        const text = box.querySelector(role);
        if (text) put(text, texts[role]);
      }
      shade(box, level);
    }
    for (const [id, level, number] of frame.arrows) {
      const arrow = by(id), text = arrow.querySelector("text");
      shade(arrow, level);
      if (text) put(text, number);
    }
    paint(frame);
    for (const end of ["x1", "x2"]) line.setAttribute(end, across(place));
    by("place").textContent = `epoch ${frame.epoch}`;
    by("loss").textContent = `Epoch ${frame.epoch}: loss ${frame.shown}`;
    return place;
  }
  const theme = () => { switchTheme(); go(); };
  const go = controls({ show, end: frames.length - 1, delay: () => 400, told: by("loss"),
    actions: { theme }, keys: {} });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go());
  go();
})();
