// Answers are judged as Python does it; the numbers that usual slips lead to come with the data.
const known = new Map(Object.entries(data.values).map(([name, x]) => [name, number(x)]));
for (const question of data.questions) {
  for (const name of ["right", "size"]) question[name] = number(question[name]);
  question.slips = question.slips.map(([x, ...about]) => [number(x), ...about]);
}
for (const element of document.querySelectorAll(".node, .edge")) {
  outline(element);
  element.dataset.level = "none";
  const grad = element.querySelector(".grad");
  if (grad) grad.textContent = "grad ?";
}
// As wide as the page; what is wider than is legible there scrolls: a pixel a point.
const picture = document.querySelector("#stage svg");
const points = picture.viewBox.baseVal.width;
picture.style.width = `min(100%, ${1.6 * points}px)`;
picture.style.minWidth = `${points}px`;

for (const line of data.forward) by("forward").append(make("li", { textContent: line }));
by("example").textContent = data.questions.slice(0, 2).map(({ name }) => name).join(", ");

// Show the box or the arrow that is asked about, in the middle of a picture that scrolls.
function look(element) {
  document.querySelector(".now")?.classList.remove("now");
  element.classList.add("now");
  const stage = by("stage"), { left, width } = element.getBoundingClientRect();
  stage.scrollLeft += left + width / 2 - stage.clientWidth / 2;
}

const rows = data.questions.map((question, i) => {
  const input = make("input", { id: `q${i}`, autocomplete: "off", spellcheck: false });
  const said = make("p", { id: `s${i}` }), item = make("li");
  said.setAttribute("role", "status");
  input.setAttribute("aria-describedby", said.id);
  const row = { question, input, item, tries: 0, hints: 0 };
  row.say = (mark, text) => {
    item.dataset.mark = mark;
    said.textContent = text;
  };
  const element = question.key && by(question.key);
  input.addEventListener("focus", () => element && look(element));
  row.end = mark => {
    known.set(question.name, question.right);
    row.ended = mark;
    input.readOnly = true;
    input.value ||= question.shown;
    if (element) {
      element.dataset.level = question.level;
      const grad = element.querySelector(".grad");
      if (grad && question.kind !== "partial") grad.textContent = `grad ${question.shown}`;
    }
    score();
  };
  row.check = () => {
    if (row.ended || !input.value.trim() || input.value === row.checked) return;
    row.checked = input.value;
    const { mark, text } = sentence(() => judged(question, answered(input.value, known)));
    row.say(mark, text);
    if (mark === "wrong") row.tries++;
    if (mark !== "right") return;
    row.end("right");
    rows.slice(i + 1).find(next => !next.ended)?.input.focus();
  };
  const button = (textContent, onclick) => make("button", { type: "button", textContent, onclick,
    ariaLabel: `${textContent}: ${question.name}` });
  const group = make("span", { className: "group" },
    button("Hint", () => {
      row.say(item.dataset.mark ?? "", question.hints[Math.min(row.hints, question.hints.length - 1)]);
      row.hints++;
      input.focus();
    }),
    button("Solve", () => {
      input.value = question.shown;
      row.say("solved", question.solution);
      row.end("solved");
    }));
  input.onkeydown = event => { if (event.key === "Enter") row.check(); };
  input.onchange = row.check;
  item.append(make("label", { htmlFor: input.id, textContent: `${question.name} =` }), input, group, said);
  by("questions").append(item);
  return row;
});

function score() {
  const right = rows.filter(row => row.ended === "right");
  const first = right.filter(row => !row.tries && !row.hints).length;
  by("score").textContent = `${right.length} of ${rows.length} right, ${first} at the first try`;
}
for (const [i, row] of rows.entries()) {
  const { end, hints, tries, tried, said } = data.filled[i];
  Object.assign(row, { hints, tries });
  if (end === "right" || end === "solved") {
    row.say(end, end);
    row.end(end);
  } else if (tries) {
    row.input.value = row.checked = String(tried);
    row.say("wrong", said);
  }
}
score();
begin(() => { by("stage").scrollLeft = by("stage").scrollWidth; }); // y, where the pass begins
by("theme").addEventListener("click", switchTheme);
