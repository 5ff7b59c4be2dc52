// Putting goods away: what happens when a stower scans or taps.
//
// Directed, the server says which bin comes next, and the stower scans the bin and then the goods. Freely, he scans
// goods, how many, and a bin of his own choice; the server allows it or says in one line why not. What is to be done
// with a cart comes from the server, so a reload or another device leads to the same step.

import { ownerName } from "./asking.js";
import { direction, fitBinCode, groups } from "./draw.js";
import { lot as lotOf, ofProduct } from "./scanner.js";
import { act, call, persist } from "./server.js";

const $ = (id) => document.getElementById(id);

const plain = (code) => code.toUpperCase().replace(/[-./\s]/g, "");

/** The stowing screen; `page` are the functions that the page shares with its screens. */
export function stower(state, { say, refused, told, draw, ask, choose, keyIn, home, onTap }) {
  let next = null; // what the server said is to be done
  let atBin = false; // the bin of the step at hand was scanned
  let before = ""; // the aisle that the stower comes from
  let held = null; // goods in hand, of a stower who goes where he likes
  let done = ""; // what was put away last

  const site = () => `/sites/${encodeURIComponent(state.site)}`;

  function follow(answer) {
    if (answer.next.step?.step !== next?.step?.step) {
      before = next?.step?.aisle ?? "";
      atBin = Boolean(next?.step) && next.step.bin_code === answer.next.step?.bin_code && atBin;
    }
    next = answer.next;
    if (next.step) held = null;
    draw();
  }

  /** Say what the server refused; of a bin that may not be used only why, which is all that fits. */
  async function no(error) {
    if (error.kind === "urn:onward:stow-refused") say("wrong", error.message.replace(/^Not into \S+: /, ""));
    else await refused(error);
  }

  async function send(path, body) {
    try {
      const answer = await act(state.me.user, path, body, told);
      if (answer.next) follow(answer);
      return answer;
    } catch (error) {
      await no(error);
      return null;
    }
  }

  async function look() {
    follow(await persist(() => call("GET", "/stowing"), told));
  }

  async function take() {
    const answer = await send(`${site()}/stow-runs`, {});
    if (!answer) return;
    if (next.step) say("right", `${next.steps} stops: go`);
    else if (answer.waits.length) say("wrong", `No bin for ${answer.waits[0]}`);
    else say("right", "Nothing waits to be put away");
  }

  async function scanStep(code) {
    const { step } = next;
    if (!atBin) {
      if (plain(code) !== plain(step.bin_code)) return say("wrong", `Wrong bin: scan ${step.bin_code}`);
      atBin = true;
      return say("right", "Right bin: now the goods");
    }
    if (plain(code) === plain(step.bin_code)) return say("right", "Right bin: now the goods");
    const { quantity, step: number, bin_code } = step;
    if (await send(`/stow-steps/${number}/confirm`, { bin_code, code })) {
      say("right", next.step ? `Put away ${quantity}` : "Cart is empty");
    }
  }

  /** Leave the goods of the step out: there is no room, whatever the books say. */
  async function leave() {
    if (await send(`/stow-steps/${next.step.step}/leave`, { why: "no room" })) say("right", "Left: bring it back");
  }

  async function scanFree(code) {
    if (held && (code === held.code || held.codes.includes(code))) {
      held.units += 1;
      return say("right", `${held.units} × ${held.name}`);
    }
    if (held && (await toBin(code))) return;
    try {
      const product = await persist(() => call("GET", `/products/${encodeURIComponent(ofProduct(code))}`), told);
      held = { code, codes: [product.code, ...product.barcodes], name: product.name, units: 1, lot: lotOf(code) ?? undefined };
      say("right", "Now the bin, or scan each unit");
    } catch (error) {
      await refused(error);
    }
  }

  /** Try to put the goods in hand into a bin; whether the code was that of a bin at all. */
  async function toBin(bin_code) {
    const { code, units, lot, owner, name } = held;
    try {
      const body = { bin_code, code, quantity: units, lot, owner };
      const answer = await act(state.me.user, `${site()}/stow`, body, told);
      done = `${units} × ${name} in ${answer.bin_code}`;
      held = null;
      say("right", `Put away ${units}`);
    } catch (error) {
      if (error.kind === "urn:onward:bin-code-invalid") return false;
      if (error.kind === "urn:onward:not-found") held.lot = held.owner = undefined; // what was keyed in is asked for again
      const which = error.kind === "urn:onward:wrong-state" && /say which (lot|owner)$/.exec(error.message)?.[1];
      if (which) await askWhich(which, bin_code, error);
      else await no(error);
    }
    return true;
  }

  /** Several lots wait, or several owners' goods of one lot: the one in hand has to be named. */
  async function askWhich(which, bin_code, error) {
    const named = which === "lot" ? await ask("Lot, as printed on it", { hint: error.message }) : await askOwner();
    if (!named) return say("wrong", error.message);
    held[which] = named;
    await toBin(bin_code);
  }

  async function askOwner() {
    const { codes, lot } = held;
    const wanted = `product=${encodeURIComponent(codes[0])}${lot ? `&lot=${encodeURIComponent(lot)}` : ""}`;
    const lying = await persist(() => call("GET", `${site()}/stock?limit=1000&${wanted}`), told);
    const owners = new Set(lying.filter(({ kind }) => kind === "station").map(({ owner }) => owner));
    return choose("Whose is it?", [...owners].map((owner) => [owner, ownerName(owner)]));
  }

  async function keyUnits() {
    const units = await ask("How many?", { mode: "numeric", pattern: "[1-9][0-9]{0,5}" });
    if (units && held) held.units = Number(units);
    draw();
  }

  onTap("stow-take", take);
  onTap("stow-leave", leave);
  onTap("stow-units", () => void keyUnits()); // scans go on meanwhile, and close the question
  onTap("stow-key", () => keyIn(held || (next?.step && !atBin) ? "Bin code" : "Product code"));
  onTap("stow-home", home);

  function drawStep(step) {
    if ($("stow-code").dataset.step !== String(step.step)) {
      $("stow-code").dataset.step = step.step;
      $("stow-code").replaceChildren(...groups(step.bin_code));
    }
    $("stow-direction").textContent = direction({ ...step, side: null }, before);
    $("stow-box").className = atBin ? "box done" : "box now";
    $("stow-goods").className = atBin ? "box product now" : "box product";
    $("stow-name").textContent = step.name;
    $("stow-what").textContent = `${step.product} · lot ${step.lot}`;
    $("stow-quantity").textContent = step.quantity;
    if ($("stow-code").dataset.fitted !== String(step.step)) {
      $("stow-code").dataset.fitted = step.step;
      fitBinCode($("stow-code"));
    }
  }

  function drawFree() {
    $("stow-code").dataset.step = $("stow-code").dataset.fitted = "";
    $("stow-code").replaceChildren();
    $("stow-direction").textContent = held ? "Any bin with room" : done;
    $("stow-box").className = held ? "box now" : "box";
    $("stow-goods").className = held ? "box product" : "box product now";
    $("stow-name").textContent = held?.name ?? "Scan goods to put them where you like";
    $("stow-what").textContent = held ? held.codes[0] : "or take a cart and be led";
    $("stow-quantity").textContent = held ? held.units : "";
  }

  return {
    view: "stow",
    entry: "Put away",
    roles: ["picker", "manager", "admin"],
    open: look,
    scan: (code) => (next?.step ? scanStep(code) : scanFree(code)),

    todo() {
      if (next?.step) return atBin ? `Put ${next.step.quantity} in, scan one` : "Scan the bin";
      return held ? "Scan the bin" : "Scan goods, or take a cart";
    },

    draw() {
      const step = next?.step;
      if (step) drawStep(step);
      else drawFree();
      $("stow-box").hidden = !(step || held || done);
      $("stow-units").hidden = !(step || held);
      $("stow-take").hidden = Boolean(step || held);
      $("stow-leave").hidden = !step;
      $("stow-home").hidden = Boolean(step);
      $("stow-units").disabled = !held;
      const words = groups(step?.then ?? "").map((span) => span.textContent).join(" ");
      $("stow-ahead").textContent = step ? `${next.steps_done + 1} of ${next.steps} · then ${words || "back"}` : "";
    },
  };
}
