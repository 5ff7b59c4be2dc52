// Care of hanging goods: what happens when somebody who inspects, repairs or dries them scans or taps.
//
// The server says which step is to be done to which goods, and where they are. One of them is scanned, and then a tap
// tells what was found, of all units or of as many as were keyed in. Goods that are hung up to dry leave the screen, and
// come back when their hours are over.

import { ofProduct } from "./scanner.js";
import { act, call, persist } from "./server.js";

const $ = (id) => document.getElementById(id);

const STEPS = { inspection: "Inspect", repair: "Repair", drying: "Dry" };

/** The screen of who cares for hanging goods; `page` are the functions that the page shares with its screens. */
export function carer(state, { say, refused, told, draw, ask, choose, keyIn, home, onTap }) {
  let task = null; // what the server said is to be done
  let read = ""; // the code on the goods that was scanned
  let units = 0; // of how many something was found

  function follow({ next }) {
    [read, units] = ["", next.task?.quantity ?? 0];
    task = next.task;
    draw();
  }

  async function send(path, body) {
    try {
      follow(await act(state.me.user, path, body, told));
      return true;
    } catch (error) {
      await refused(error);
      return false;
    }
  }

  async function look() {
    follow(await persist(() => call("GET", "/caring"), told));
  }

  async function take() {
    if (!(await send(`/sites/${encodeURIComponent(state.site)}/care/take`, {}))) return;
    say("right", task ? "Go" : "Nothing is to be cared for");
  }

  async function scan(code) {
    if (!task) return say("wrong", "Take a step first");
    try {
      const product = await persist(() => call("GET", `/products/${encodeURIComponent(ofProduct(code))}`), told);
      if (product.code !== task.product) return say("wrong", `Wrong product: scan ${task.name}`);
      read = code;
      say("right", "Right goods: what did you find?");
    } catch (error) {
      await refused(error);
    }
  }

  async function done(finding, also, words) {
    if (!read) return say("wrong", "Scan the goods first");
    const body = { code: read, quantity: units, finding, also };
    const told = `${words}: ${units}`;
    if (await send(`/care/${task.task}/done`, body)) say("right", told);
  }

  /** The likeliest finding: hung up, or good. */
  async function good() {
    if (task.step !== "drying" || task.hung) return done("good", [], task.ahead.length ? "Goes on" : "Good");
    if (!read) return say("wrong", "Scan the goods first");
    if (await send(`/care/${task.task}/hung`, { code: read })) say("right", "Hung up: look again later");
  }

  async function other() {
    const further = Object.entries(STEPS).filter(([step]) => step !== task.step && !task.ahead.includes(step));
    const choices = [
      ...further.filter(([step]) => step !== "inspection").map(([step, words]) => [step, `${words} it`]),
      ["unfit", "Unfit: damaged"],
      ["gone", "Not there"],
    ];
    const chosen = await choose("What did you find?", choices);
    if (!chosen || !task) return;
    if (chosen === "unfit") await done("unfit", [], "Unfit");
    else if (chosen === "gone") {
      if (await send(`/care/${task.task}/leave`, { why: "not there" })) say("right", "Left: not there");
    } else await done("good", [chosen], STEPS[chosen]);
  }

  async function keyUnits() {
    const keyed = await ask("How many?", { mode: "numeric", pattern: "[1-9][0-9]{0,5}" });
    if (keyed && task) units = Math.min(Number(keyed), task.quantity);
    draw();
  }

  onTap("care-take", take);
  onTap("care-good", good);
  onTap("care-other", () => void other()); // scans go on meanwhile, and close the question
  onTap("care-units", () => void keyUnits());
  onTap("care-key", () => keyIn("Product code"));
  onTap("care-home", home);

  return {
    view: "care",
    entry: "Care",
    roles: ["picker", "manager", "admin"],
    open: look,
    scan,

    todo() {
      if (!task) return "Take the next step";
      if (!read) return "Scan the goods";
      return task.hung ? `Dry? ${units}` : `${STEPS[task.step]} ${units}`;
    },

    draw() {
      for (const id of ["care-box", "care-goods", "care-units", "care-good", "care-other", "care-key"]) $(id).hidden = !task;
      $("care-take").hidden = $("care-home").hidden = Boolean(task);
      $("care-ahead").textContent = "";
      if (!task) return;
      $("care-step").textContent = task.hung ? "Dry?" : STEPS[task.step];
      $("care-place").textContent = `at ${task.place} · ${task.because}`;
      $("care-box").className = read ? "box done" : "box now";
      $("care-goods").className = read ? "box product" : "box product now";
      $("care-name").textContent = task.name;
      $("care-what").textContent = `${task.product} · lot ${task.lot}`;
      $("care-quantity").textContent = units;
      $("care-good").textContent = task.step === "drying" && !task.hung ? "Hung up" : "Good";
      if (task.ahead.length) $("care-ahead").textContent = `then ${task.ahead.map((step) => STEPS[step]).join(", ")}`;
    },
  };
}
