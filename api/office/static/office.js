// The live page for those who answer for the goods: what is proven of the records, what waits for a decision, how full
// the house is. Every figure is asked of the server every few seconds; decisions are the same calls as on the handheld.

import { CAUSES } from "/handheld/differences.js";
import { act, actAgain, call, deviceName, persist, Refusal } from "/handheld/server.js";
import { some } from "/handheld/words.js";
import { bars, day, money, percent, rows, time } from "./drawing.js";

const PAUSE_MS = 10_000;
const SITE = "onward.site";
const SHORT = 20; // as many short picks are listed
const MOVES = 20; // as many moves out of nearly empty bins are listed

const $ = (id) => document.getElementById(id);

let me = null;
let site = localStorage.getItem(SITE) ?? "";

function tell(words, wrong = false) {
  $("told").textContent = words;
  $("told").classList.toggle("wrong", wrong);
}

const told = (connected) => tell(connected ? "" : "No connection: the figures are old", !connected);

const at = (path) => `/sites/${encodeURIComponent(site)}${path}`;

const ask = (path) => call("GET", at(path));

const decides = () => ["manager", "admin"].includes(me.role);

/** Do something, and look anew; what the server refuses is told. */
async function decide(path, body, words) {
  try {
    await act(me.user, path, body, told);
    await look();
    tell(words);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await look();
    tell(error.message, true);
  }
}

function button(words, onClick) {
  const made = document.createElement("button");
  made.textContent = words;
  made.addEventListener("click", onClick);
  return made;
}

function drawAccuracy({ sample, triggered, counts_due, untrusted }) {
  $("sentence").textContent = sample?.sentence ?? "No random sample was drawn yet: nothing is proven.";
  const of = ({ abc, trigger, checked, right, within_tolerance }) => [
    `class ${abc}`,
    trigger,
    checked,
    percent(right / checked),
    percent(within_tolerance / checked),
  ];
  rows("accuracy", ["Goods", "Counted because of", "Records", "Right", "Within tolerance"], triggered.map(of));
  $("accuracy").hidden = !triggered.length;
  for (const { zone, reason, num_left, num_bins } of untrusted) {
    const what = zone ? `zone ${zone}` : "the whole site";
    $("sentence").textContent += ` Not trusted: ${what} (${reason}), ${num_left} of ${some(num_bins, "bin")} left to count.`;
  }
  if (counts_due) $("sentence").textContent += ` ${some(counts_due, "bin")} ${counts_due === 1 ? "is" : "are"} to be counted.`;
}

function drawCauses(causes) {
  const words = Object.fromEntries(CAUSES);
  bars("causes", causes.map(({ cause, differences, short_picks: short }) => [words[cause] ?? cause, differences + short, `${differences + short}`]));
  if (!causes.length) $("causes").textContent = "Nothing was wrong yet.";
}

function drawFill({ total, zones }, { full_on, weekday, zones: zonesFull }) {
  const soonest = zonesFull.filter((each) => each.full_on).sort((one, other) => (one.full_on < other.full_on ? -1 : 1))[0];
  const sentences = [full_on && `Full on ${weekday}, ${day(full_on)}, if it goes on like this.`];
  if (zonesFull.length > 1 && soonest) sentences.push(`Zone ${soonest.zone}: full on ${soonest.weekday}, ${day(soonest.full_on)}.`);
  $("full-on").textContent = sentences.filter(Boolean).join(" ");
  const parts = zones.length > 1 ? [["All bins", total], ...zones.map((zone) => [zone.zone, zone])] : [["All bins", total]];
  bars("fill", parts.map(([name, { fill_percent }]) => [name, fill_percent, `${fill_percent.toFixed(1)} %`]), 100);
}

async function drawAlerts(alerts, excursions, piles) {
  const lasting = piles.some(({ ended_ms }) => ended_ms === null);
  const moves = lasting ? await ask(`/bins/emptying?limit=${MOVES}`) : []; // a search: not for nothing
  const proposed = moves.length ? some(moves.length, "move") : "no moves";
  const open = (path) => (decides() ? button("Take care", () => decide(at(path), {}, "Yours now")) : "");
  const zones = excursions.map(({ excursion_id, zone, what, measured, lots }) => [
    `Zone ${zone}: ${what} (measured ${measured})`,
    some(new Set(lots.map(({ product, lot, owner }) => JSON.stringify([product, lot, owner]))).size, "lot"), // bin by bin
    "",
    "",
    open(`/excursions/${excursion_id}/acknowledge`),
  ]);
  const bins = piles.map(({ alert_id, num_nearly_empty, num_used, ended_ms }) => [
    `Nearly empty bins pile up: ${num_nearly_empty} of ${num_used} in use`,
    ended_ms === null ? `${moves.length < MOVES ? proposed : `${MOVES} or more moves`} proposed` : "over",
    "",
    "",
    open(`/consolidation-alerts/${alert_id}/acknowledge`),
  ]);
  const goods = alerts.map(({ alert_id, name, product, lot, days_left, quantity, value_cents }) => [
    `${name} (${product}, lot ${lot})`,
    days_left < 0 ? "expired" : `${some(days_left, "day")} left`,
    quantity,
    money(value_cents),
    open(`/alerts/${alert_id}/acknowledge`),
  ]);
  $("num-alerts").textContent = zones.length + bins.length + goods.length;
  rows("alerts", ["What", "Life", "Units", "Value", ""], [...zones, ...bins, ...goods].slice(0, 50));
  const of = ({ product, lot, quantity, from_bin, to_bin }) => [`${product}, lot ${lot}`, quantity, from_bin, to_bin];
  $("emptying").hidden = $("emptying-what").hidden = !moves.length;
  rows("emptying", ["Goods", "Units", "From", "To"], moves.map(of));
}

/** A choice of causes that approves when one is chosen, and a button that has it counted anew. */
function decision({ difference_id, cause }) {
  const both = document.createElement("span");
  if (!decides()) return both;
  const choice = document.createElement("select");
  choice.append(new Option("Approve…", ""), ...CAUSES.map(([code, words]) => new Option(words, code, false, false)));
  choice.title = `Likeliest: ${cause ?? "unknown"}`;
  choice.addEventListener("change", () => {
    const named = choice.value;
    choice.blur(); // or nothing is drawn anew
    if (named) void decide(`/differences/${difference_id}/approve`, { cause: named }, "Books corrected");
  });
  both.append(choice, button("Count anew", () => decide(`/differences/${difference_id}/reject`, {}, "To be counted anew")));
  return both;
}

function drawDifferences(differences) {
  $("num-differences").textContent = differences.length;
  const found = differences.map((each) => [
    each.bin_code,
    `${each.name} (${each.product}, lot ${each.lot})`,
    each.counted,
    each.on_books,
    each.value_cents === null ? "" : money(each.value_cents),
    decision(each),
  ]);
  rows("differences", ["Bin", "Goods", "Counted", "On the books", "Value", ""], found.slice(0, 50));
}

/** A choice of causes; another one than what stands there is named as soon as it is chosen. */
function causeOf({ short_pick, cause }) {
  if (!decides()) return CAUSES.find(([code]) => code === cause)?.[1] ?? cause;
  const choice = document.createElement("select");
  choice.append(...CAUSES.map(([code, words]) => new Option(words, code, false, code === cause)));
  choice.title = "Why units were missing";
  choice.addEventListener("change", () => {
    const named = choice.value;
    choice.blur(); // or nothing is drawn anew
    void decide(at(`/short-picks/${short_pick}/cause`), { cause: named }, "Cause corrected");
  });
  return choice;
}

function drawShort(picks) {
  $("num-short").textContent = picks.length < SHORT ? picks.length : `the last ${SHORT}`;
  const found = picks.map((each) => [
    time(each.at_ms),
    each.bin_code,
    `${each.name} (${each.product}, lot ${each.lot})`,
    each.quantity,
    each.value_cents ? money(each.value_cents) : "",
    each.picker,
    causeOf(each),
  ]);
  rows("short", ["When", "Bin", "Goods", "Units", "Value", "Picker", "Why"], found);
}

function drawAgeing({ by_days_left }) {
  const name = ({ from_days, to_days }) => {
    if (from_days === null && to_days === null) return "no expiry";
    if (from_days === null) return "expired";
    return to_days === null ? `${from_days} days and more` : `${from_days} to ${to_days} days`;
  };
  bars("ageing", by_days_left.map((each) => [name(each), each.quantity, each.quantity.toLocaleString("en")]));
}

function drawRuns(runs) {
  const states = new Map();
  for (const { state } of runs) states.set(state, (states.get(state) ?? 0) + 1);
  rows("runs", ["State", "Runs"], [...states]);
}

function drawDeliveries(deliveries) {
  const of = ({ number, supplier_name, state, station, slot_from_ms, arrived_ms, ahead, received, quantity }) => [
    number,
    supplier_name,
    state,
    station ?? "",
    time(arrived_ms ?? slot_from_ms),
    ahead ?? "",
    `${received} of ${quantity}`,
  ];
  const headings = ["Delivery", "Supplier", "State", "Dock", "There since, or due", "Ahead", "Units"];
  rows("deliveries", headings, deliveries.slice(0, 50).map(of));
}

const PANELS = [
  [["/accuracy"], drawAccuracy],
  [["/count-causes"], drawCauses],
  [["/bins/fill", "/bins/full-on"], drawFill],
  [["/alerts", "/excursions", "/consolidation-alerts"].map((path) => `${path}?acknowledged=false`), drawAlerts],
  [["/differences?state=open&limit=1000"], drawDifferences],
  [[`/short-picks?limit=${SHORT}`], drawShort],
  [["/stock/ageing"], drawAgeing],
  [["/runs"], drawRuns],
  [["/deliveries?state=announced&state=arrived&state=unloading"], drawDeliveries],
];

/** Ask for everything, and draw it. Whoever is choosing something is not disturbed. */
async function look() {
  for (const [paths, draw] of PANELS) {
    const found = await Promise.all(paths.map(ask));
    if (document.activeElement instanceof HTMLSelectElement && document.activeElement.closest("main")) return;
    await draw(...found);
  }
}

async function watch() {
  while (me) {
    try {
      await persist(look, told);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 401) return signedOut();
      tell(error.message, true);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function signedOut() {
  me = null;
  $("sign-in").hidden = false;
  $("panels").hidden = $("site").hidden = $("sign-out").hidden = true;
}

async function begin() {
  me = await call("GET", "/me");
  const sites = await call("GET", "/sites");
  if (!sites.some(({ code }) => code === site)) site = sites[0]?.code ?? "";
  $("site").replaceChildren(...sites.map(({ code, name }) => new Option(name, code, false, code === site)));
  $("sign-in").hidden = true;
  $("sign-out").hidden = false;
  if (!site) return tell("There is no site yet", true);
  if (me.role === "picker") return tell("This page is for managers and planners", true);
  $("panels").hidden = $("site").hidden = false;
  await actAgain(me.user, told);
  void watch();
}

$("site").addEventListener("change", async () => {
  localStorage.setItem(SITE, (site = $("site").value));
  $("site").blur();
  await persist(look, told);
});

$("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const body = { name: $("name").value, password: $("password").value, device: deviceName() };
    await persist(() => call("POST", "/sign-in", body), told);
    $("password").value = "";
    await begin();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(error.message, true);
  }
});

$("sign-out").addEventListener("click", async () => {
  await call("POST", "/sign-out");
  signedOut();
});

try {
  await begin();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  signedOut();
}
