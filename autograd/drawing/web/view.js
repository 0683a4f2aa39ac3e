"use strict";
// How much of the picture is seen: its size, and a map of it where it is larger than the window.
function View(stage, svg, zoomed) {
  const map = by("map"), boxes = drawn("path", {}), lens = drawn("rect", {});
  map.append(boxes, lens);
  let zoom = 1;
  const area = svg.viewBox.baseVal;
  function scale(to) {
    zoom = Math.max(0.02, Math.min(8, to));
    give(svg, { width: area.width * zoom, height: area.height * zoom });
    zoomed(zoom);
    look();
  }
  const whole = () =>
    Math.min(1.9, (stage.clientWidth - 4) / area.width, (stage.clientHeight - 4) / area.height);
  // Words of 10 pixels can be read where all is seen at once; else they have 12, as in notebooks.
  const open = () => scale(whole() >= (self === top ? 10 / 12 : 1) ? whole() : 1);

  // The lens on the map is the window.
  function look() {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = stage;
    map.toggleAttribute("hidden", scrollWidth <= clientWidth && scrollHeight <= clientHeight);
    const [x, y] = [area.width / scrollWidth, area.height / scrollHeight];
    give(lens, { x: area.x + scrollLeft * x, y: area.y + scrollTop * y,
      width: clientWidth * x, height: clientHeight * y });
  }
  function chart(rects) {
    const [wide, high] = [stage.clientWidth, stage.clientHeight], { x, y, width, height } = area;
    const share = 0.22 * Math.sqrt(wide * high / width / height);
    const size = Math.min(0.9 * wide / width, 0.4 * high / height, share);
    give(map, { viewBox: [x, y, width, height].join(" "), width: width * size, height: height * size });
    boxes.setAttribute("d", rects.map(([x, y, w, h]) => `M${x} ${y}h${w}v${h}h${-w}z`).join(""));
  }
  function point(event) {
    if (!event.buttons) return;
    const { left, top, width, height } = map.getBoundingClientRect();
    const [x, y] = [(event.clientX - left) / width, (event.clientY - top) / height];
    stage.scrollTo(x * stage.scrollWidth - stage.clientWidth / 2,
      y * stage.scrollHeight - stage.clientHeight / 2);
  }
  for (const kind of ["pointerdown", "pointermove"]) map.addEventListener(kind, point);
  stage.addEventListener("scroll", look);
  new ResizeObserver(look).observe(stage);
  stage.addEventListener("wheel", event => {
    if (event.ctrlKey) { event.preventDefault(); scale(zoom * Math.exp(-event.deltaY / 300)); }
  }, { passive: false });
  return { open, whole, chart, rescale: () => scale(zoom), fit: () => scale(whole()),
    smaller: () => scale(zoom / 1.25), larger: () => scale(zoom * 1.25) };
}
