// Counting a bin: what happens when a counter scans, taps or types.
//
// The page tallies units of one product and tells the server the sum when another product is scanned, a number was
// keyed in, or nothing else lies in the bin. It never knows what the books say. If goods were moved meanwhile the
// server takes no figure, and the product at hand is counted again from nothing. Of goods that are known by their
// serials every unit is scanned, once: its symbol, or the product first and then the serials.

import { ownerName } from "./asking.js";
import { gtin, lot, ofProduct, serial } from "./scanner.js";
import { act, call, persist, Refusal } from "./server.js";

const none = () => ({ code: "", product: "", name: "", lot: "", units: 0, serials: null });

const plain = (code) => code.toUpperCase().replace(/[-./\s]/g, "");

/** The counting part of the page; `page` are the functions it shares with picking, `ask` opens its dialogs. */
export function counter(state, { say, refused, told, look, draw, ask, choose }) {
  Object.assign(state, { counting: null, tally: none() });

  const path = () => `/counts/${state.counting.count.count}`;

  function follow(next) {
    if (next.count?.count !== state.counting?.count?.count) state.tally = none();
    state.counting = next;
    if (next.screen === "count") state.view = "count";
    else if (state.view === "count") state.view = state.next?.run ? state.next.screen : "idle";
    draw();
  }

  /** Go on with a count under way, if there is one; how many are due otherwise. */
  async function resume() {
    const asked = state.site ? `?site=${encodeURIComponent(state.site)}` : "";
    follow((await persist(() => call("GET", `/counting${asked}`), told)).next);
  }

  /** Do something once; null if it was refused. */
  async function send(where, body) {
    try {
      const answer = await act(state.me.user, where, body, told);
      follow(answer.next);
      return answer;
    } catch (error) {
      if (error.kind === "urn:onward:lot-unclear" && error.facts.owners.length) {
        const owner = await choose("Whose is it?", error.facts.owners.map((each) => [each, ownerName(each)]));
        if (owner) return send(where, { ...body, owner });
        say("wrong", error.message);
      } else if (error.kind === "urn:onward:lot-unclear") {
        say("wrong", error.message);
        ask("lot");
      } else await refused(error);
      return null;
    }
  }

  async function take() {
    const answer = await send(`/sites/${encodeURIComponent(state.site)}/counts/take`, {});
    if (!answer) return;
    if (answer.next.count) say("right", "Go and count");
    else {
      await look();
      say("right", "Nothing more to count");
    }
  }

  /** Tell the server what was tallied; whether it is noted. */
  async function note() {
    const { code, units, name, lot, serials } = state.tally;
    if (!code) return true;
    const answer = await send(`${path()}/goods`, { code, quantity: units, lot, serials: serials ?? [] });
    if (!answer) return false;
    if (answer.moved) {
      state.tally.units = 0;
      if (serials) state.tally.serials = [];
      say("wrong", `Goods moved: count ${name} again`);
      return false;
    }
    state.tally = none();
    draw();
    return true;
  }

  /** A product that was not at hand: what was tallied is noted, and this one is tallied from now on. */
  async function start(code, product) {
    if (!(await note())) return;
    if (product.serialised) return startUnits(code, product);
    const noted = state.counting.count.lines.find((line) => line.product === product.code);
    const units = (noted?.quantity ?? 0) + 1; // more of what was counted before lies elsewhere in the bin
    state.tally = { code, product: product.code, name: product.name, lot: lot(code) ?? "", units };
    say("right", `${units} × ${product.name}`);
  }

  /** Goods known by their serials: those of all lots are tallied together, with what was scanned of them before. */
  function startUnits(code, { code: product, name }) {
    const noted = state.counting.count.lines.filter((line) => line.product === product);
    const serials = noted.flatMap((line) => line.serials);
    state.tally = { code, product, name, lot: lot(code) ?? "", units: serials.length, serials };
    if (serial(code)) addUnit(serial(code));
    else say("right", "Now the serial of each unit");
  }

  function addUnit(unit) {
    const { tally } = state;
    if (tally.serials.includes(unit)) return say("wrong", `${unit} is counted already`);
    tally.serials.push(unit);
    tally.units = tally.serials.length;
    say("right", `${tally.units} counted`);
  }

  const productOf = (code) => persist(() => call("GET", `/products/${encodeURIComponent(ofProduct(code))}`), told);

  /** A scan while units are tallied one by one: another unit, or another product. */
  async function scanUnit(code) {
    const { tally } = state;
    const product = await productOf(code).catch((error) => {
      if (!(error instanceof Refusal) || error.status !== 404 || gtin(code) !== null) throw error;
      return null; // no product: then it is a serial
    });
    if (product && product.code !== tally.product) return start(code, product);
    const unit = product ? serial(code) : code;
    return unit ? addUnit(unit) : say("right", "Now the serial of each unit");
  }

  async function scanGoods(code) {
    const { tally } = state;
    try {
      if (tally.serials) return await scanUnit(code);
      const product = code === tally.code ? { code: tally.product } : await productOf(code);
      if (product.code !== tally.product || (lot(code) ?? tally.lot) !== tally.lot) await start(code, product);
      else {
        tally.units += 1;
        say("right", `${tally.units} counted`);
      }
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) return refused(error);
      say("wrong", "Nobody knows this product");
      ask("unknown", code);
    }
  }

  async function scan(code) {
    const { count } = state.counting;
    if (!count.begun) {
      if (await send(`${path()}/bin`, { code })) say("right", "Right bin: count what lies in it");
    } else if (plain(code) === plain(count.bin_code)) say("right", "Right bin: now what lies in it");
    else await scanGoods(code);
  }

  async function setUnits(units) {
    if (state.tally.serials) return say("wrong", "They have serials: scan each");
    state.tally.units = units;
    if (await note()) say("right", `${units} noted`);
  }

  async function nameLot(code) {
    state.tally.lot = code;
    if (await note()) say("right", "Noted");
  }

  async function noteUnknown(code) {
    if (await send(`${path()}/unknown`, { code, quantity: 1 })) say("right", "Noted: take it to the manager");
  }

  async function nothingElse() {
    if (!(await note())) return;
    const answer = await send(`${path()}/close`, {});
    if (answer?.moved) say("wrong", "Goods moved: look again");
    else if (answer && state.next?.screen === "step") {
      await look(); // a count on the way of a run
      say("right", "Counted");
    } else if (answer) await take();
  }

  async function leave() {
    if (!(await send(`${path()}/leave`, {}))) return;
    await look();
    say("right", "Left to somebody else");
  }

  return { resume, take, scan, setUnits, nameLot, noteUnknown, nothingElse, leave };
}
