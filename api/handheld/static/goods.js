// Goods: what lies where, and what becomes of it.
//
// A scan of a bin, a tote or a station lists what lies there; any other scan tells where the goods of that product, lot
// or serial lie. A line is chosen by a tap, or by a scan that fits no other, and then it is moved, gets another status,
// or leaves the house. The page asks what the server would refuse to go without: a cause of the site's list, how many,
// and serials where they do not follow.

import { act, call, persist } from "./server.js";
import { some } from "./words.js";

const $ = (id) => document.getElementById(id);

const KEPT = "onward.goods"; // who scanned what last, so that a reload leads back to it

const STATUS = {
  available: "for sale",
  hold: "on hold",
  quarantined: "quarantined",
  damaged: "damaged",
  expired: "expired",
  recalled: "recalled",
};
const ASIDE = [
  ["hold", "Hold"],
  ["quarantined", "Quarantine"],
  ["damaged", "Damaged"],
  ["expired", "Expired"],
];
const WAYS_OUT = [
  ["destroyed", "Destroyed"],
  ["given_away", "Given away"],
  ["supplier", "Back to the supplier"],
  ["owner", "Back to its owner"],
];
const LIFTED_TO = [
  ["hold", "Lift it: hold"],
  ["quarantined", "Lift it: quarantine"],
  ["available", "Lift it: for sale again"],
];
const WITHIN_REACH = ["bin", "station", "tote"];

/** What tells a line from its neighbours, beside its product's name. */
function facts({ product, lot, owner, status, serial }) {
  const whose = owner === "house" ? "" : owner;
  const why = status === "available" ? "" : STATUS[status];
  return [product, `lot ${lot}`, serial && `serial ${serial}`, why, whose].filter(Boolean).join(" · ");
}

/** The screen of goods; `page` are the functions that the page shares with its screens. */
export function goods(state, { say, refused, told, draw, ask, choose, keyIn, home, onTap, enqueue }) {
  let place = null; // the place that was scanned; null after a scan of goods
  let lines = null; // what lies there, or where the goods lie; null before any scan
  let line = null; // the line that was chosen
  let units = 0; // how many of it are meant
  let begun = null; // what is to be done with them, while it waits for scans
  let causes = []; // of the site's list
  let drawn = null; // the lines that stand on the screen

  const site = () => `/sites/${encodeURIComponent(state.site)}`;
  const manages = () => state.me.role !== "picker";
  const nameOf = (each) => (each.site === state.site ? each.place : `${each.site} ${each.place}`);

  /** What the person who is signed in has scanned last; null for nothing. */
  function kept() {
    const { user, code } = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    return user === state.me.user ? code : null;
  }

  function chooseLine(each) {
    [line, begun] = [each, null];
    units = each.quantity - each.reserved || each.quantity;
  }

  function show(where, found) {
    [place, lines, line, begun] = [where, found, null, null];
  }

  /** Look up what a code names: a place first, then goods; those that lie in the place at hand before others. */
  async function find(code) {
    const asked = encodeURIComponent(code);
    try {
      const here = await persist(() => call("GET", `${site()}/stock/lying?place=${asked}`), told);
      show(here.place, here.units);
    } catch (error) {
      if (error.status !== 404 && error.status !== 422) throw error;
      const found = await persist(() => call("GET", `/stock/where?code=${asked}`), told);
      const near = found.filter((each) => nameOf(each) === place);
      show(near.length ? place : null, near.length ? near : found);
      if (lines.length === 1 && WITHIN_REACH.includes(lines[0].kind)) chooseLine(lines[0]);
    }
    sessionStorage.setItem(KEPT, JSON.stringify({ user: state.me.user, code: place ?? code }));
    draw();
  }

  async function lookUp(code) {
    try {
      await find(code);
      if (line) say("right", nameOf(line));
      else say("right", lines.length ? `${lines.length} ${lines.length > 1 ? "lines" : "line"}` : "Nothing lies here");
    } catch (error) {
      if (error.status === 404 || error.status === 422) say("wrong", `Nobody knows ${code}`);
      else await refused(error);
    }
  }

  /** Do something with the line at hand, and look again. Where serials do not follow they are asked for. */
  async function send(path, more, words) {
    const { place: from, product, lot, owner, serial } = line;
    const body = { [path === "move" ? "from_place" : "place"]: from, product, lot, owner, quantity: units, ...more };
    if (serial && (path === "move" || path === "dispose")) body.serials = [serial];
    try {
      await act(state.me.user, `${site()}/stock/${path}`, body, told);
    } catch (error) {
      if (error.kind === "urn:onward:serials-needed") begun = { path, more, words, serials: [] };
      if (error.kind === "urn:onward:stow-refused") return say("wrong", error.message.replace(/^Not into \S+: /, ""));
      return refused(error);
    }
    say("right", words);
    await find(kept()).catch(refused);
  }

  /** The cause of a change, of the site's list; null to go back. */
  async function why(change) {
    const fit = causes.filter(({ changes }) => changes.includes(change)).map(({ code, name }) => [code, name]);
    if (fit.length === 1) return fit[0][0];
    return choose("Why?", fit);
  }

  async function move() {
    const cause = await why("move");
    if (cause) begun = { path: "move", cause };
    draw();
  }

  async function setStatus() {
    const { status } = line;
    const choices = ASIDE.filter(([each]) => each !== status);
    if (status !== "available" && manages()) choices.unshift(["available", "Free: for sale again"]);
    const to = await choose("What is it?", choices);
    const cause = to && (await why(to));
    if (!cause) return;
    if (to === "available") await send("free", { status, cause }, `Free: ${units}`);
    else await send("withhold", { status: to, from_status: status, cause }, `${units} ${STATUS[to]}`);
  }

  /** Why a lot is called back, and what becomes of all its units, at all sites, if it is not any more. */
  async function liftRecall() {
    const { product, lot } = line;
    const where = `/recalls/${encodeURIComponent(product)}/${encodeURIComponent(lot)}`;
    try {
      const { called_by, cause: code, note, here } = await persist(() => call("GET", where), told);
      const held = here.reduce((sum, { status, quantity }) => sum + (status === "recalled" ? quantity : 0), 0);
      const reason = causes.find((each) => each.code === code)?.name ?? code;
      const hint = [reason, note, `by ${called_by}`, `${some(held, "unit")} withheld at all sites`].filter(Boolean).join(" · ");
      const status = await choose(`Lot ${lot} is called back`, LIFTED_TO, { hint });
      const cause = status && (await why(status));
      if (!cause) return;
      const lifted = await act(state.me.user, `${site()}/recalls/lift`, { product, lot, status, cause }, told);
      say("right", `Recall lifted: ${lifted.quantity}`);
      await find(kept());
    } catch (error) {
      await refused(error);
    }
  }

  async function dispose() {
    const { status, owner } = line;
    const way_out = await choose("Where does it go?", WAYS_OUT.filter(([way]) => way !== "owner" || owner !== "house"));
    const cause = way_out && (await why("dispose"));
    if (cause) await send("dispose", { status, way_out, cause }, `Gone: ${units}`);
  }

  /** Take one serial more; with the last one it is done. */
  async function scanSerial(code) {
    const { path, more, words, serials } = begun;
    try {
      const found = await persist(() => call("GET", `/stock/where?code=${encodeURIComponent(code)}`), told);
      const serial = found.find((each) => each.serial && each.product === line.product)?.serial;
      if (!serial) return say("wrong", `No unit of ${line.name}`);
      if (serials.includes(serial)) return say("wrong", "Scanned before: scan another");
      serials.push(serial);
      if (serials.length < units) return say("right", `${serials.length} of ${units}`);
      await send(path, { ...more, serials: [...serials] }, words);
    } catch (error) {
      await refused(error);
    }
  }

  async function scan(code) {
    if (!begun) return lookUp(code);
    if (begun.serials) return scanSerial(code);
    const { cause } = begun;
    await send("move", { to_bin: code, cause, status: line.status }, `Moved ${units}`);
  }

  async function keyUnits() {
    const keyed = await ask("How many?", { mode: "numeric", pattern: "[1-9][0-9]{0,5}" });
    if (keyed && line) units = Math.min(Number(keyed), line.quantity);
    draw();
  }

  function back() {
    if (begun) begun = null;
    else if (line && lines.length > 1) line = null;
    else {
      sessionStorage.removeItem(KEPT);
      show(null, null);
      return home();
    }
    draw();
  }

  onTap("goods-home", back);
  onTap("goods-key", () => keyIn(begun?.serials ? "Serial" : begun ? "Bin code" : "Code"));
  onTap("goods-units", () => void keyUnits()); // scans go on meanwhile, and close the question
  onTap("goods-move", move);
  onTap("goods-status", () => (line.status === "recalled" ? liftRecall() : setStatus()));
  onTap("goods-dispose", dispose);
  $("goods-lines").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const seen = drawn; // what was tapped, if it is what stands there when the tap's turn has come
    if (button) enqueue(() => seen === lines && (chooseLine(lines[Number(button.value)]), draw()));
  });

  function entry(each, index) {
    const button = document.createElement("button");
    const what = `${each.quantity} × ${each.name}`;
    button.append(document.createElement("b"), document.createElement("small"));
    button.firstChild.textContent = place ? what : nameOf(each);
    button.lastChild.textContent = place ? facts(each) : `${what} · ${facts(each)}`;
    button.value = index;
    button.disabled = each.site !== state.site || !WITHIN_REACH.includes(each.kind);
    return button;
  }

  function drawLine() {
    $("goods-where").textContent = nameOf(line);
    $("goods-name").textContent = line.name;
    $("goods-facts").textContent = facts(line);
    $("goods-expiry").textContent = line.expires_on ? `expires ${line.expires_on}` : "";
    const promised = line.reserved ? `${line.reserved} are promised` : "";
    $("goods-note").textContent = line.status === "recalled" ? "Called back: nobody gets it" : promised;
    $("goods-quantity").textContent = units;
    $("goods-there").textContent = line.quantity;
    $("goods-units").disabled = Boolean(begun?.serials || line.serial);
    $("goods-status").textContent = { available: "Set aside", recalled: "Recall" }[line.status] ?? "Status";
  }

  return {
    view: "goods",
    entry: "Goods",
    roles: ["picker", "manager", "admin"],
    scan,

    async open() {
      show(null, null);
      causes = (await persist(() => call("GET", `${site()}/stock/policy`), told)).policy.causes;
      if (kept()) await find(kept()).catch(() => sessionStorage.removeItem(KEPT)); // it is gone meanwhile
    },

    todo() {
      if (begun?.serials) return `Scan serials: ${begun.serials.length} of ${units}`;
      if (begun) return `Put ${units} in, scan the bin`;
      if (line) return "What becomes of it?";
      if (lines === null) return "Scan a bin, tote or goods";
      return lines.length ? "Choose a line, or scan it" : "Nothing lies here";
    },

    draw() {
      const doing = Boolean(begun);
      $("goods-lines").hidden = Boolean(line);
      $("goods-line").hidden = !line;
      $("goods-key").hidden = Boolean(line) && !doing;
      $("goods-move").hidden = !line || doing;
      $("goods-status").hidden = !line || doing || (line.status === "recalled" && !manages());
      $("goods-dispose").hidden = !line || doing || line.status === "available" || !manages();
      if (line) return drawLine();
      $("goods-place").textContent = place ?? "";
      $("goods-place").hidden = !place;
      if (drawn !== lines) $("goods-list").replaceChildren(...(lines ?? []).map(entry));
      drawn = lines;
    },
  };
}
