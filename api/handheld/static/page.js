// The handheld page: what happens when a picker scans, taps or types.
//
// What is to be done comes from the server with every answer (`next`), so that a reload, another device or
// a lost answer leads to the same screen. The page itself only remembers that the bin of the step at hand
// was scanned, and how many units were scanned since.

import { alerts } from "./alerts.js";
import { ask as askFor, choose } from "./asking.js";
import { carer } from "./caring.js";
import { counter } from "./counting.js";
import { differences } from "./differences.js";
import { draw, flash } from "./draw.js";
import { goods } from "./goods.js";
import { menu } from "./menu.js";
import { receiver } from "./receiving.js";
import { replenisher } from "./replenishing.js";
import { clean, gtin, half, listen } from "./scanner.js";
import { act, actAgain, call, deviceName, persist, Refusal } from "./server.js";
import { signal, stayAwake } from "./signals.js";
import { stower } from "./stowing.js";

const RIGHT_SHOWN_MS = 1500; // long enough to be seen from the corner of the eye
const LOOK_AGAIN_MS = 5000; // how often an idle page asks for runs
const COUNT_DOWN_MS = 1000; // how often a page that waits for a run to begin shows how long it still is
const SITE = "onward.site";

const $ = (id) => document.getElementById(id);

const state = {
  view: "", // badge, pin, idle, step, count, finish or done, or a screen of the menu
  me: null, // who is signed in
  badge: "",
  pin: "",
  sites: [],
  site: localStorage.getItem(SITE),
  next: null, // what the server said is to be done
  beginsAt: null, // when a run may be taken, where none may yet, by this device's clock
  binScanned: false,
  counted: 0, // units of the step scanned so far
  read: "", // the code on the product that was scanned for them
  aisleBefore: "", // where the picker comes from
  message: null, // { kind: right or wrong, words }, instead of what to do
  offline: false,
};

let fading = 0;

function say(kind, words) {
  clearTimeout(fading);
  state.message = { kind, words };
  signal(kind);
  flash(kind);
  if (kind === "right") {
    fading = setTimeout(() => {
      state.message = null;
      draw(state);
    }, RIGHT_SHOWN_MS);
  }
  draw(state);
}

function told(connected) {
  if (state.offline === connected) {
    state.offline = !connected;
    draw(state);
  }
}

/** Go where the server says. */
function follow(next) {
  const before = state.next?.run === next.run ? state.next?.step : null;
  if (before?.step !== next.step?.step) {
    state.binScanned = Boolean(next.step) && before?.bin_code === next.step.bin_code && state.binScanned;
    state.counted = 0;
    state.read = "";
    state.aisleBefore = before?.aisle ?? "";
  }
  state.next = next;
  state.beginsAt = next.begins_in_ms === null ? null : performance.now() + next.begins_in_ms;
  state.view = next.screen;
  draw(state);
  if (next.empty) enqueue(() => askEmpty(next.run, next.empty));
  if (next.count) enqueue(count.resume); // a bin to count lies on the way
}

async function look() {
  const asked = state.site ? `?site=${encodeURIComponent(state.site)}` : "";
  const answer = await persist(() => call("GET", `/picking${asked}`), told);
  follow(answer.next);
  if (state.view === "idle") await count.resume();
}

const count = counter(state, { say, refused, told, look, draw: () => draw(state), ask, choose });

/** What every screen of the menu shares with the page. */
const shared = { say, refused, told, draw: () => draw(state), ask: askFor, choose, keyIn, home, onTap, enqueue };

const work = [receiver, stower, replenisher, carer, goods, alerts, differences];

state.menu = menu(state, work.map((screen) => screen(state, shared)));

/** Back to the first screen. */
async function home() {
  state.menu.forget();
  await look();
}

/** Open a screen of the menu. */
async function openScreen(view) {
  try {
    state.message = null;
    await state.menu.open(view);
    draw(state);
  } catch (error) {
    state.menu.forget();
    await refused(error);
  }
}

/** Ask the counter something: the lot of what he counted, or whether to note goods that nobody knows. */
function ask(what, code = "") {
  if (what === "unknown") $("unknown-code").textContent = code;
  else $("lot-code").value = "";
  $(what).showModal();
}

function toBadge() {
  state.menu.forget();
  Object.assign(state, { view: "badge", me: null, badge: "", pin: "", next: null, message: null });
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  draw(state);
}

/** Say what the server refused, and look where things stand. */
async function refused(error) {
  if (!(error instanceof Refusal)) throw error;
  if (error.status === 401) {
    toBadge();
    say("wrong", "Signed out: scan your badge");
    return;
  }
  say("wrong", error.message);
  if (error.kind !== "urn:onward:scan-mismatch" && !state.menu.at()) await look();
}

/** Do something once and go where it leads; `words` if it went well. */
async function doOnce(path, body, words) {
  try {
    const answer = await act(state.me.user, path, body, told);
    follow(answer.next);
    say("right", words(answer.next));
    return true;
  } catch (error) {
    await refused(error);
    return false;
  }
}

// --- signing in

async function start() {
  try {
    state.me = await persist(() => call("GET", "/me"), told);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    toBadge();
    return;
  }
  await begin();
}

async function begin() {
  try {
    state.sites = await persist(() => call("GET", "/sites"), told);
    if (!state.sites.some((site) => site.code === state.site)) state.site = state.sites[0]?.code ?? null;
    await actAgain(state.me.user, told)?.catch((error) => {
      if (error.status === 401) throw error; // anything else was refused for good; `look` shows what holds
    });
    await look();
    if (state.view === "idle" && state.menu.kept()) await openScreen(state.menu.kept());
  } catch (error) {
    await refused(error);
  }
}

async function signIn() {
  if (state.pin.length < 4) return;
  const { badge, pin } = state;
  state.pin = "";
  try {
    const body = { badge, pin, device: deviceName() };
    state.me = await persist(() => call("POST", "/sign-in", body), told);
    say("right", `Hello, ${state.me.display_name}`);
    await begin();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    state.view = "badge";
    say("wrong", error.message);
  }
}

function typePin(key) {
  if (key === "Backspace") state.pin = state.pin.slice(0, -1);
  else if (state.pin.length < 8) state.pin += key;
  draw(state);
}

// --- picking

function take() {
  const none = (next) => (next.begins_in_ms === null ? "No run is waiting" : "Wait for the next run");
  const words = (next) => (next.run ? `Run ${next.run}: go` : none(next));
  return doOnce(`/sites/${encodeURIComponent(state.site)}/runs/take`, {}, words);
}

function finish() {
  return doOnce(`/runs/${state.next.run}/finish`, {}, () => "Run done");
}

const askedEmpty = new Set(); // steps whose bin was asked about: who walks on is not asked again

/** Ask whether the bin that was just picked from is empty: one tap; a scan instead goes on with the run. */
function askEmpty(run, { step, bin_code, name }) {
  if (askedEmpty.has(step) || state.next?.run !== run) return;
  askedEmpty.add(step);
  $("empty").dataset.path = `/runs/${run}/steps/${step}/empty`;
  $("empty-bin").textContent = bin_code;
  $("empty-what").textContent = name;
  $("empty").showModal();
}

async function answerEmpty(path, seen) {
  try {
    await act(state.me.user, path, { is_empty: seen === "yes" }, told);
    say("right", "Noted");
  } catch (error) {
    await refused(error);
  }
}

const stepPath = () => `/runs/${state.next.run}/steps/${state.next.step.step}`;

const plain = (code) => code.toUpperCase().replace(/[-./\s]/g, "");

/** `code`, or its half where only half of it is what is looked for. */
function asWanted(code, isWanted) {
  const once = half(code);
  return once !== null && !isWanted(code) && isWanted(once) ? once : code;
}

async function scanBin(code) {
  const { bin_code } = state.next.step;
  const read = asWanted(code, (each) => plain(each) === plain(bin_code));
  try {
    const answer = await persist(() => call("POST", `${stepPath()}/bin`, { code: read }), told);
    follow(answer.next);
    state.binScanned = true;
    say("right", "Right bin");
  } catch (error) {
    await refused(error);
  }
}

async function scanProduct(code) {
  const { step } = state.next;
  const codes = new Set([step.product.code, ...step.product.barcodes]);
  const numbers = new Set(step.product.barcodes.map((each) => each.padStart(14, "0")));
  const isWanted = (each) => codes.has(each) || numbers.has(gtin(each));
  const read = asWanted(code, isWanted);
  if (plain(read) === plain(step.bin_code)) {
    say("right", "Right bin: now the product");
  } else if (step.product.serialised) {
    await scanUnit(read, isWanted(read));
  } else if (!isWanted(read)) {
    say("wrong", `Wrong product: scan ${step.product.name}`);
  } else if (state.counted + 1 < step.quantity) {
    Object.assign(state, { counted: state.counted + 1, read });
    say("right", `${state.counted} of ${step.quantity}`);
  } else {
    await confirmPick(read);
  }
}

/**
 * Take one unit that is known by its serial: its symbol says product and serial, or the product is scanned first and
 * then the serial. The server takes symbols apart, so it is asked first.
 */
async function scanUnit(code, isProduct) {
  const { step } = state.next;
  if (!isProduct && !state.read) {
    say("wrong", `Wrong product: scan ${step.product.name}`);
    return;
  }
  const named = isProduct ? { code, serials: [] } : { code: state.read, serials: [code] };
  try {
    const body = { bin_code: step.bin_code, quantity: 1, ...named };
    const answer = await act(state.me.user, `${stepPath()}/pick`, body, told);
    state.read = "";
    follow(answer.next);
    say("right", "Took 1");
  } catch (error) {
    if (!isProduct || error.kind !== "urn:onward:serials-needed") {
      await refused(error);
      return;
    }
    state.read = code;
    say("right", "Now the serial of the unit");
  }
}

function confirmPick(code) {
  const { step } = state.next;
  const body = { bin_code: step.bin_code, code, quantity: step.quantity };
  return doOnce(`${stepPath()}/pick`, body, () => `Took ${step.quantity}`);
}

function pickShort(quantity, reason) {
  const body = { bin_code: state.next.step.bin_code, quantity, code: state.read, reason };
  return doOnce(`${stepPath()}/short`, body, () => `Noted: ${reason}, took ${quantity}`);
}

function wayBlocked() {
  return doOnce(`${stepPath()}/blocked`, {}, () => "Noted: way blocked");
}

// --- scans, one after the other

let atWork = Promise.resolve();

function onScan(code, terminated) {
  if (state.offline) {
    signal("wrong");
    return;
  }
  if (state.view === "pin" && /^\d{4,8}$/.test(code)) {
    if (terminated) enqueue(signIn);
    return;
  }
  const question = document.querySelector("dialog[open][data-answer]");
  if (question) {
    say("wrong", question.dataset.answer);
    return;
  }
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close("");
  enqueue(() => handle(code));
}

/** Scans and taps are dealt with one at a time, in the order they came. */
function enqueue(task) {
  atWork = atWork.then(task).catch((error) => {
    console.error(error);
    say("wrong", "Something went wrong on this page: load it again");
  });
  return atWork;
}

async function handle(code) {
  if (state.view === "badge" || state.view === "pin") {
    Object.assign(state, { view: "pin", badge: code, pin: "", message: null });
    signal("right");
    draw(state);
  } else if (state.view === "count") {
    await count.scan(code);
  } else if (state.view === "step") {
    await (state.binScanned ? scanProduct(code) : scanBin(code));
  } else if (state.menu.at()) {
    await state.menu.at().scan(code);
  } else {
    say("wrong", "Take a run first");
  }
}

// --- buttons and dialogs

function onTap(id, task) {
  $(id).addEventListener("click", () => {
    $(id).blur(); // the scanner's Enter must not press it again
    enqueue(task);
  });
}

$("keypad").addEventListener("click", (event) => {
  const key = event.target.closest("button")?.textContent ?? "";
  if (/^\d$/.test(key)) typePin(key);
  event.target.blur();
});
document.addEventListener("keydown", (event) => {
  if (state.view !== "pin" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^\d$/.test(event.key) || event.key === "Backspace") typePin(event.key);
  else if (event.key === "Enter" && document.activeElement === document.body) enqueue(signIn);
});
onTap("pin-back", () => typePin("Backspace"));
onTap("pin-enter", signIn);
onTap("take", take);
onTap("next-run", take);
onTap("cart-there", finish);
onTap("count-take", count.take);
onTap("count-leave", count.leave);
onTap("count-close", count.nothingElse);
$("menu").addEventListener("click", (event) => {
  const { screen } = event.target.dataset;
  event.target.blur();
  if (screen) enqueue(() => openScreen(screen));
});
onTap("take-all", () => confirmPick(state.read));
onTap("leave", async () => {
  await persist(() => call("POST", "/sign-out"), told).catch((error) => error.status === 401 || refused(error));
  toBadge();
});
$("sites").addEventListener("click", (event) => {
  const { site } = event.target.dataset;
  if (!site) return;
  state.site = site;
  localStorage.setItem(SITE, site);
  enqueue(look);
});

/** Let a code be keyed in that cannot be scanned; it is read like a scan. */
function keyIn(label) {
  $("key-in-code").value = "";
  $("key-in-label").textContent = label;
  $("key-in").showModal();
}

$("key-in-open").addEventListener("click", () => {
  const atBin = state.binScanned || state.counting?.count?.begun;
  const what = { badge: "Badge code", step: atBin ? "Product code" : "Bin code" };
  keyIn(what[state.view === "count" ? "step" : state.view]);
});
$("key-in").addEventListener("close", () => {
  const code = clean($("key-in-code").value);
  if ($("key-in").returnValue === "ok" && code) enqueue(() => handle(code));
  $("key-in").returnValue = "";
});

$("units-open").addEventListener("click", () => {
  $("units-number").value = "";
  $("units").showModal();
});
$("units").addEventListener("close", () => {
  const units = $("units-number").value.trim();
  if ($("units").returnValue === "ok" && /^\d{1,6}$/.test(units)) enqueue(() => count.setUnits(Number(units)));
  $("units").returnValue = "";
});
$("lot").addEventListener("close", () => {
  const code = clean($("lot-code").value);
  if ($("lot").returnValue === "ok" && code) enqueue(() => count.nameLot(code));
  $("lot").returnValue = "";
});
for (const field of document.querySelectorAll("dialog input")) {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter would press the form's first button, which is Cancel
    field.closest("dialog").close("ok");
  });
}
$("unknown").addEventListener("close", () => {
  const code = $("unknown-code").textContent;
  if ($("unknown").returnValue) enqueue(() => count.noteUnknown(code));
  $("unknown").returnValue = "";
});

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("close", () => document.activeElement.blur()); // else Enter would open it again
}

let found = 0; // units found in a bin that holds too few

function drawShort() {
  const { step } = state.next;
  $("short-count").textContent = String(found);
  $("short-ok").textContent = found ? `Took ${found}, no more there` : "Yes, it is empty";
  $("short-bin").textContent = step.bin_code;
  const scanned = state.read ? "How many did you take?" : "Took some? Go back and scan one first.";
  $("short-what").textContent = `${step.quantity} × ${step.product.name} should be there. ${scanned}`;
  $("short-less").disabled = found === 0;
  $("short-more").disabled = !state.read || found >= step.quantity - 1;
}
$("short-open").addEventListener("click", () => {
  found = state.counted;
  drawShort();
  $("short").showModal();
  $("short-ok").focus();
});
$("short-less").addEventListener("click", () => ((found -= 1), drawShort()));
$("short-more").addEventListener("click", () => ((found += 1), drawShort()));
$("short").addEventListener("close", () => {
  const reason = $("short").returnValue;
  if (reason) enqueue(() => pickShort(found, reason));
  $("short").returnValue = "";
});

$("empty").addEventListener("close", () => {
  const { returnValue: seen, dataset } = $("empty");
  if (seen) enqueue(() => answerEmpty(dataset.path, seen));
  $("empty").returnValue = "";
});

$("blocked-open").addEventListener("click", () => {
  $("blocked-bin").textContent = state.next.step.bin_code;
  $("blocked").showModal();
});
$("blocked").addEventListener("close", () => {
  if ($("blocked").returnValue) enqueue(wayBlocked);
  $("blocked").returnValue = "";
});

$("map-open").addEventListener("click", () => {
  const { run, step } = state.next;
  $("map-picture").src = `/api/v1/runs/${run}/map.svg?step=${step.step}`;
  $("map").showModal();
});

listen(onScan, () => state.view === "pin" || document.querySelector("dialog[open] input") !== null);
stayAwake();
setInterval(() => {
  if (state.view !== "idle" || state.beginsAt === null) return;
  if (performance.now() < state.beginsAt) draw(state);
  else enqueue(() => look().catch(refused));
}, COUNT_DOWN_MS);
setInterval(() => {
  if (state.view === "idle" && document.visibilityState === "visible" && !state.offline) enqueue(() => look().catch(refused));
}, LOOK_AGAIN_MS);
draw(state);
enqueue(start);
