// Questions that a screen asks in the middle of its work: something to key in, or a choice of a few.

const $ = (id) => document.getElementById(id);

/** What the dialog was closed with. A scan meanwhile closes it with nothing, and is read after that. */
function closed(dialog) {
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => (resolve(dialog.returnValue), (dialog.returnValue = "")), { once: true });
    dialog.showModal();
  });
}

/**
 * Ask for something to be keyed in; null if it was not.
 *
 * `mode` is an input mode such as "numeric" or "text"; what does not fit `pattern`, whole, is asked for again.
 */
export async function ask(question, { mode = "text", pattern = ".+", hint = "", value = "" } = {}) {
  const wanted = new RegExp(`^(?:${pattern})$`);
  $("ask-question").textContent = question;
  $("ask-hint").textContent = hint;
  $("ask-answer").inputMode = mode;
  $("ask-answer").value = value;
  for (;;) {
    if ((await closed($("ask"))) !== "ok") return null;
    const answer = $("ask-answer").value.trim();
    if (wanted.test(answer)) return answer;
    $("ask-hint").textContent = hint ? `Not like that: ${hint}` : "Not like that";
  }
}

/** Let somebody choose: `choices` is a list of [value, words], the first being what is likeliest; null to go back. */
export async function choose(question, choices, { hint = "" } = {}) {
  $("choose-question").textContent = question;
  $("choose-hint").textContent = hint;
  $("choose-choices").replaceChildren(
    ...choices.map(([value, words], index) => {
      const button = document.createElement("button");
      Object.assign(button, { value, textContent: words, className: index ? "" : "primary" });
      return button;
    }),
  );
  return (await closed($("choose"))) || null;
}

/** Whose goods they are, as a choice says it. */
export const ownerName = (owner) => (owner === "house" ? "The house's" : owner);
