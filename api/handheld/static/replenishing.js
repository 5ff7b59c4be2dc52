// Filling forward areas and emptying bins: what happens when somebody who brings goods scans or taps.
//
// The server says which goods go from which bin into which. He scans the bin, one of the goods, and the other bin, and
// keys in how many where he found fewer. The page only remembers how far he has come with the move at hand.

import { direction, fitBinCode, groups } from "./draw.js";
import { ofProduct } from "./scanner.js";
import { act, call, persist } from "./server.js";

const $ = (id) => document.getElementById(id);

const plain = (code) => code.toUpperCase().replace(/[-./\s]/g, "");

/** The screen of who brings goods from bin to bin; `page` are the functions that the page shares with its screens. */
export function replenisher(state, { say, refused, told, draw, ask, keyIn, home, onTap }) {
  let move = null; // what the server said is to be brought
  let atOrigin = false; // the bin where the goods are was scanned
  let read = ""; // the code on the goods that was scanned there
  let units = 0; // how many are brought

  function follow({ next }) {
    if (next.move?.replenishment !== move?.replenishment) {
      [atOrigin, read, units] = [false, "", next.move?.quantity ?? 0];
    }
    move = next.move;
    draw();
  }

  async function send(path, body) {
    try {
      follow(await act(state.me.user, path, body, told));
      return true;
    } catch (error) {
      if (error.kind === "urn:onward:stow-refused") say("wrong", error.message.replace(/^Not into \S+: /, ""));
      else await refused(error);
      return false;
    }
  }

  async function look() {
    follow(await persist(() => call("GET", "/replenishing"), told));
  }

  async function take() {
    if (!(await send(`/sites/${encodeURIComponent(state.site)}/replenishment/take`, {}))) return;
    if (!move) return say("right", "Nothing is to be filled up");
    if (move.purpose === "consolidation") return say("right", "Go: empty this bin");
    say("right", move.urgent ? "Go: orders wait for it" : "Go");
  }

  async function scanGoods(code) {
    try {
      const product = await persist(() => call("GET", `/products/${encodeURIComponent(ofProduct(code))}`), told);
      if (product.code !== move.product) return say("wrong", `Wrong product: scan ${move.name}`);
      read = code;
      say("right", "Take them to the other bin");
    } catch (error) {
      await refused(error);
    }
  }

  async function bring(to_bin) {
    const { replenishment, origin, goal } = move;
    if (plain(to_bin) !== plain(goal.bin_code)) return say("wrong", `Wrong bin: scan ${goal.bin_code}`);
    const body = { from_bin: origin.bin_code, code: read, quantity: units, to_bin };
    const brought = units;
    if (await send(`/replenishments/${replenishment}/confirm`, body)) say("right", `Brought ${brought}`);
  }

  async function scan(code) {
    if (!move) return say("wrong", "Take a move first");
    if (read) return bring(code);
    if (plain(code) === plain(move.origin.bin_code)) {
      atOrigin = true;
      return say("right", "Right bin: now the goods");
    }
    if (!atOrigin) return say("wrong", `Wrong bin: scan ${move.origin.bin_code}`);
    await scanGoods(code);
  }

  /** The goods cannot be brought: they are not where they should be, or their new bin has no room for them. */
  async function leave() {
    const why = read ? "no room" : "not there";
    if (await send(`/replenishments/${move.replenishment}/leave`, { why })) {
      say("right", why === "no room" ? "Left: bring them back" : "Left: not there");
    }
  }

  async function keyUnits() {
    const keyed = await ask("How many?", { mode: "numeric", pattern: "[1-9][0-9]{0,5}" });
    if (keyed && move) units = Math.min(Number(keyed), move.quantity);
    draw();
  }

  onTap("replenish-take", take);
  onTap("replenish-leave", leave);
  onTap("replenish-units", () => void keyUnits()); // scans go on meanwhile, and close the question
  onTap("replenish-key", () => keyIn(atOrigin && !read ? "Product code" : "Bin code"));
  onTap("replenish-home", home);

  function drawBin(bin) {
    const place = $("replenish-code");
    $("replenish-direction").textContent = direction({ ...bin, side: null }, read ? move.origin.aisle : "");
    if (place.dataset.bin !== bin.bin_code) {
      place.dataset.bin = bin.bin_code;
      place.replaceChildren(...groups(bin.bin_code));
      fitBinCode(place); // beside its direction
    }
  }

  return {
    view: "replenish",
    entry: "Fill up",
    roles: ["picker", "manager", "admin"],
    open: look,
    scan,

    todo() {
      if (!move) return "Take the next move";
      if (read) return `Put ${units} in, scan the bin`;
      return atOrigin ? `Take ${units}, scan one` : "Scan the bin";
    },

    draw() {
      $("replenish-box").hidden = $("replenish-goods").hidden = $("replenish-units").hidden = !move;
      $("replenish-leave").hidden = $("replenish-key").hidden = !move;
      $("replenish-take").hidden = Boolean(move);
      $("replenish-home").hidden = Boolean(move);
      $("replenish-ahead").textContent = "";
      $("replenish-code").dataset.bin = move ? $("replenish-code").dataset.bin : "";
      if (!move) return;
      drawBin(read ? move.goal : move.origin);
      $("replenish-box").className = atOrigin && !read ? "box done" : "box now";
      $("replenish-goods").className = atOrigin && !read ? "box product now" : "box product";
      $("replenish-name").textContent = move.name;
      $("replenish-what").textContent = `${move.product} · lot ${move.lot}`;
      $("replenish-quantity").textContent = units;
      $("replenish-leave").textContent = read ? "No room" : "Not there";
      const words = groups(move.goal.bin_code).map((span) => span.textContent).join(" ");
      if (!read) $("replenish-ahead").textContent = `then ${words}`;
    },
  };
}
