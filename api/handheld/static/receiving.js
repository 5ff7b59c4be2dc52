// Receiving: goods are scanned off a truck.
//
// A scan goes to the server at once, which says what it came to: taken, or a question. The page asks the question
// and sends the same scan again with the answer. How many of a thing came is keyed in after one of it was scanned.

import { gtin } from "./scanner.js";
import { act, call, persist } from "./server.js";
import { some } from "./words.js";

const KEPT = "onward.delivery"; // the truck at hand, so that a reload leads back to it

const PHOTO_SIDE = 800; // pixels: more than any handheld shows

const CAMERA_LEFT_MS = 3000; // a photo that was taken has come by then

const ASIDE = { hold: "on hold", quarantined: "too short a life", damaged: "damaged", expired: "expired", recalled: "recalled" };
const MARKS = { damaged: "Scan what is damaged", hold: "Scan what to hold for a check" };
const EACH = "each";
const WHY_SHORT = [
  ["not-loaded", "Not on the truck"],
  ["lost-on-the-way", "Lost on the way"],
  ["announced-wrongly", "Announced wrongly"],
  ["refused", "We refused it"],
];

/** What the receiver has to do with the thing at hand, the most pressing alone; whether to wrap it is told beside. */
function note({ status, measured, pictured }) {
  if (status !== "available") return `Set aside: ${ASIDE[status]}`;
  if (!measured) return "New here: measure it";
  return pictured ? "" : "Take its photo";
}

/** What tells a product from others among the codes on its units. */
const goodsOf = (code) => gtin(code) ?? code;

const $ = (id) => document.getElementById(id);

/** A day as typed, YYMMDD or YYYYMMDD, as the server reads it. */
function day(typed) {
  const digits = typed.length === 6 ? `20${typed}` : typed;
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** A photo as base64: a JPEG small enough to send, with nothing in it but the picture. */
async function shrunk(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.8).split(",")[1];
}

/** A photo that is taken now; null if it is not. */
function camera() {
  const field = $("receive-photo");
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      over.abort();
      resolve(field.files[0] ?? null);
    };
    for (const event of ["change", "cancel"]) field.addEventListener(event, end, { signal: over.signal });
    // Browsers of before 2023 tell nothing when the camera is left without a photo.
    addEventListener("focus", () => setTimeout(end, CAMERA_LEFT_MS), { signal: over.signal });
    field.value = "";
    field.click();
  });
}

/** The receiving screen of the menu; `page` are the functions it shares with the others. */
export function receiver(state, { say, refused, told, ask, choose, keyIn, home, onTap, enqueue, draw: redraw }) {
  let trucks = []; // at the docks and in the queue
  let truck = null; // the one at hand
  let last = null; // what the last scan came to, and how many units of it since
  let mark = null; // what the next scan is: damaged, or to be held
  const unwrapped = new Set(); // goods that are left unwrapped though they should be wrapped

  const site = () => `/sites/${encodeURIComponent(state.site)}`;
  const path = () => `${site()}/deliveries/${encodeURIComponent(truck.number)}`;
  const send = (where, body) => act(state.me.user, where, body, told);

  async function look() {
    trucks = await persist(() => call("GET", `${site()}/deliveries?state=unloading&state=arrived`), told);
    truck = trucks.find(({ number, state: at }) => at === "unloading" && number === localStorage.getItem(KEPT)) ?? null;
  }

  async function open() {
    [last, mark] = [null, null];
    await look();
  }

  /** Do something; whether it went well. */
  async function attempt(task) {
    try {
      await task();
      return true;
    } catch (error) {
      await refused(error);
      return false;
    } finally {
      redraw();
    }
  }

  /** Go to a truck: one at the gate is docked first, and one that was not here yet has come to the gate. */
  function take(number) {
    return attempt(async () => {
      const found = trucks.find((each) => each.number === number);
      const where = `${site()}/deliveries/${encodeURIComponent(number)}`;
      if (!found) {
        await send(`${where}/arrive`, {});
        await look();
        say("right", `${number} is at the gate`);
        return;
      }
      if (found.state !== "unloading") await send(`${where}/dock`, {});
      localStorage.setItem(KEPT, number);
      [last, mark] = [null, null];
      unwrapped.clear();
      await look();
      say("right", `Unload ${number}`);
    });
  }

  /** What has to be added to a scan before it is taken; null to leave it. */
  async function answer({ verdict, name, left, lot }) {
    const decide = [["accept", "Take it"], ["hold", "Take it and hold it"], ["refuse", "Refuse it"]];
    if (verdict === "over" || verdict === "unexpected") {
      const question = verdict === "over" ? `More than announced: ${left} left` : "Not announced at all";
      const decision = await choose(question, decide, { hint: name });
      return decision && { decision };
    }
    if (verdict === "lot-needed") {
      const typed = await ask("Lot, as printed on it", { hint: name });
      return typed && { lot: typed };
    }
    if (verdict === "serial-needed") {
      const typed = await ask("Serial, as printed on it", { hint: name });
      return typed && { serial: typed };
    }
    const hint = lot ? `${name}, lot ${lot}: YYMMDD` : `${name}: YYMMDD`;
    const typed = await ask("Expires on", { mode: "numeric", pattern: "(20)?\\d\\d(0[1-9]|1[0-2])(0[1-9]|[12]\\d|3[01])", hint });
    return typed && { expires_on: day(typed) };
  }

  /** Send a scan, and again with what it asks for, until it is taken, refused or left; what it came to. */
  async function settle(scan) {
    const asking = ["over", "unexpected", "lot-needed", "expiry-needed", "serial-needed"];
    for (;;) {
      const [came] = (await send(`${path()}/scans`, { scans: [scan] })).answers;
      if (came.verdict === "measure-first") {
        if (!(await choose("Measure it first", [["measure", "Measure it"]], { hint: came.name }))) return null;
        if (!(await measure(came))) return null;
        continue;
      }
      if (!asking.includes(came.verdict)) return came;
      const more = await answer(came);
      if (!more) return null;
      Object.assign(scan, more);
    }
  }

  const REFUSALS = {
    unreadable: () => "Cannot read it: scan again",
    "serial-seen": ({ serial }) => `Serial ${serial} came in before`,
    "serial-of-one": () => "They have serials: scan each",
    "lot-differs": ({ lot, why }) => `Lot ${lot} is ${why}`,
    refused: ({ name }) => `Refused: leave ${name} on the truck`,
  };

  async function unknown(code) {
    const units = await ask("Nobody knows it. How many?", { mode: "numeric", pattern: "[1-9]\\d{0,5}", hint: code, value: "1" });
    if (!units) return;
    const description = (await ask("What does it look like?", { hint: code })) ?? "";
    const file = (await choose("A photo of it?", [["yes", "Take its photo"], ["no", "No photo"]])) === "yes" ? await camera() : null;
    const photo = file && (await send("/photos", { image: await shrunk(file) })).photo;
    await send(`${path()}/unknown`, { code, quantity: Number(units), description, photo });
    say("right", "Noted: set it aside for the manager");
  }

  async function scanGoods(code, quantity = null) {
    const wrapped = unwrapped.has(goodsOf(code)) ? false : null;
    const scan = { code, quantity, damaged: mark === "damaged", hold: mark === "hold", wrapped };
    const came = await settle(scan);
    if (!came) {
      say("wrong", "Not taken");
      return;
    }
    mark = null;
    if (came.verdict === "unknown") await unknown(code);
    else if (came.verdict !== "taken") say("wrong", REFUSALS[came.verdict](came));
    else {
      const again = last?.code === code && last.came.lot === came.lot;
      last = { code, came, units: (again ? last.units : 0) + came.quantity, scan };
      truck.received += came.quantity;
      say("right", came.status === "available" ? `${came.quantity} × ${came.name}` : `Set aside: ${ASIDE[came.status]}`);
    }
  }

  function scan(code) {
    if (truck) return attempt(() => scanGoods(code));
    return take(code);
  }

  /** So many units of the thing scanned last came in all. */
  async function setUnits() {
    const typed = await ask("How many in all?", { mode: "numeric", pattern: "[1-9]\\d{0,5}", hint: last.came.name });
    if (!typed) return;
    const more = Number(typed) - last.units;
    if (more < 0) say("wrong", `${last.units} are in already: tell the manager`);
    else if (more > 0) await attempt(() => scanGoods(last.code, more));
  }

  /** Those of the kind at hand that came off this truck are wrapped or not, and so are those that follow. */
  async function sayWrapping(wrapped) {
    const { quantity } = await send(`${path()}/wrapping`, { product: last.came.product, wrapped });
    if (wrapped) unwrapped.delete(goodsOf(last.code));
    else unwrapped.add(goodsOf(last.code));
    say("right", `${quantity} noted: ${wrapped ? "wrapped" : "not wrapped"}`);
  }

  async function other() {
    const chosen = await choose("What about it?", [
      ["key", "Key in a code"],
      ["damaged", "The next is damaged"],
      ["hold", "Hold the next for a check"],
      ...(last?.came.wrap ? [unwrapped.has(goodsOf(last.code)) ? ["wrapped", "Wrapped after all"] : ["unwrapped", "Not wrapped"]] : []),
      ...(last ? [["measure", "Measure it"], ["photo", "Take its photo"]] : []),
    ]);
    if (chosen === "key") keyIn("Code on the goods");
    else if (chosen === "measure") await attempt(() => measure(last.came));
    else if (chosen === "photo") await attempt(photograph);
    else if (chosen === "wrapped" || chosen === "unwrapped") await attempt(() => sayWrapping(chosen === "wrapped"));
    else if (chosen) mark = chosen;
    redraw();
  }

  /** Length, width, height and weight of one unit of what came; what is doubted is asked about. Whether it is measured. */
  async function measure(came) {
    const size = {};
    const asked = [["length_mm", "Length in mm"], ["width_mm", "Width in mm"], ["height_mm", "Height in mm"], ["weight_g", "Weight in g"]];
    for (const [field, question] of asked) {
      const typed = await ask(question, { mode: "numeric", pattern: "[1-9]\\d{0,6}", hint: came.name });
      if (!typed) return false;
      size[field] = Number(typed);
    }
    const body = { product: came.product, ...size };
    const done = await send("/measurements", body);
    if (!done.applied) {
      const sure = await choose("Can that be?", [["no", "Measure again"], ["yes", "Yes, it is right"]], { hint: done.doubts.join(". ") });
      if (sure === "no") return measure(came);
      if (sure !== "yes") return false;
      await send("/measurements", { ...body, confirm: true });
    }
    came.measured = true;
    say("right", "Measured");
    return true;
  }

  async function photograph() {
    const file = await camera();
    if (!file) return;
    await send("/photos", { image: await shrunk(file), product: last.came.product });
    last.came.pictured = true;
    say("right", "Photo kept");
  }

  /** Why products came short: one reason for all of them, or each its own; null to go back. */
  async function whyShort(short) {
    if (!short.length) return (await choose("Is the truck empty?", [["yes", "Yes, it is empty"]])) && {};
    const missing = short.reduce((sum, { quantity, received }) => sum + quantity - received, 0);
    const products = [...new Map(short.map((line) => [line.product, line])).values()];
    const each = products.length > 1 ? [[EACH, "Each on its own"]] : [];
    const reason = await choose(`Still missing: ${missing}. Why?`, [...WHY_SHORT, ...each]);
    if (reason !== EACH) return reason && { reason };
    const reasons = {};
    for (const { product, name } of products) {
      reasons[product] = await choose(name, WHY_SHORT, { hint: "Why did less of it come?" });
      if (!reasons[product]) return null;
    }
    return { reasons };
  }

  async function close() {
    const { lines } = await persist(() => call("GET", path()), told);
    const why = await whyShort(lines.filter(({ quantity, received }) => received < quantity));
    if (!why) return;
    await send(`${path()}/close`, why);
    localStorage.removeItem(KEPT);
    [last, mark] = [null, null];
    await look();
    say("right", "Truck closed");
  }

  async function leave() {
    if (!truck) return home();
    localStorage.removeItem(KEPT);
    truck = null;
    redraw();
  }

  const entry = ({ number, supplier_name: name, state: at, ahead }) => {
    const button = document.createElement("button");
    const where = at === "unloading" ? "At the dock" : ahead ? `${ahead} ahead` : "Next";
    button.append(document.createElement("b"), document.createElement("small"));
    button.firstChild.textContent = name;
    button.lastChild.textContent = `${number} · ${where}`;
    button.disabled = at !== "unloading" && ahead > 0;
    button.dataset.truck = number;
    return button;
  };

  function draw() {
    $("receive-trucks").hidden = Boolean(truck);
    $("receive-goods").hidden = !truck;
    for (const id of ["receive-other", "receive-close"]) $(id).hidden = !truck;
    if (!truck) {
      $("receive-trucks").replaceChildren(...trucks.map(entry));
      return;
    }
    const { came, units } = last ?? {};
    $("receive-name").textContent = came?.name ?? "";
    const facts = came && [came.lot && `lot ${came.lot}`, came.expires_on && `expires ${came.expires_on}`, came.serial && `serial ${came.serial}`];
    $("receive-lot").textContent = facts?.filter(Boolean).join(" · ") ?? "";
    $("receive-note").textContent = came ? note(came) : "";
    const leftUnwrapped = came && unwrapped.has(goodsOf(last.code));
    $("receive-wrap").textContent = leftUnwrapped ? "Not wrapped" : (came?.wrap ?? "");
    $("receive-units").textContent = came ? String(units) : "";
    $("receive-left").textContent = came ? String(came.left) : "";
    $("receive-units-open").disabled = !came || Boolean(came.serial);
    $("receive-truck").textContent = `${truck.supplier_name} · ${truck.received} of ${some(truck.quantity, "unit")}`;
  }

  function todo() {
    if (truck) return MARKS[mark] ?? (last ? "Scan the next" : "Scan the goods");
    return trucks.length ? "Choose a truck" : "No truck: scan its notice";
  }

  $("receive-trucks").addEventListener("click", (event) => {
    const number = event.target.closest("button")?.dataset.truck;
    if (number) enqueue(() => take(number));
  });
  onTap("receive-units-open", setUnits);
  onTap("receive-other", other);
  onTap("receive-close", () => attempt(close));
  onTap("receive-leave", leave);

  return { view: "receive", entry: "Receive", roles: ["picker", "manager", "admin"], open, scan, draw, todo };
}
