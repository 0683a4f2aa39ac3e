// Predict first: asks for a grad before it is shown. reveal() goes on to the step, say() speaks.
function Predict(stage, graph, { say, reveal }) {
  let step = null;
  function ask() {
    const { node, result, to, before } = step;
    say(`${result.name} passes its grad on to ${node.name}.`);
    put(by("asked"), `${graph.gradOf(to)} is ${short(before)} so far. ` +
      `What is it after this contribution from ${result.name}?`);
  }
  function about(asked) {
    step = asked;
    by("question").hidden = !step;
    stage.classList.toggle("predicting", by("predict").checked);
    if (!step) return;
    ask();
    by("guess").value = "";
    put(by("verdict"), "");
    if (!["slider", "typed", "dragged"].includes(document.activeElement.id)) by("guess").focus();
  }
  function tell(said) {
    const text = graph.text(step);
    step = null;
    reveal();
    say(said + text);
    stage.focus({ preventScroll: true });
  }
  by("question").addEventListener("submit", event => {
    event.preventDefault();
    const { before, contribution, grad } = step;
    const size = Math.max(...[before, contribution, grad].map(Math.abs));
    const { mark, text } = sentence(() =>
      judged({ right: grad, size, slips: graph.slips(step) }, answered(by("guess").value, new Map())));
    put(by("verdict"), text);
    if (mark === "right") tell("Right. ");
  });
  by("show").addEventListener("click", () => tell(""));
  return { about, ask, get step() { return step; } };
}
