// What a supplier sees of his deliveries: where each stands in the queue, and when its turn may come.
//
// The secret of his link stands behind the #, which no browser sends anywhere by itself and no server writes down.

import { call, persist, Refusal } from "/handheld/server.js";
import { rows, time } from "./drawing.js";

const PAUSE_MS = 30_000;

const $ = (id) => document.getElementById(id);

function told(connected) {
  $("told").textContent = connected ? "" : "No connection: this is how it was";
  $("told").classList.toggle("wrong", !connected);
}

function wait({ ahead, wait_ms }) {
  if (ahead === null) return "";
  const minutes = wait_ms === null ? "" : `, in about ${Math.ceil(wait_ms / 60_000)} min`;
  return ahead ? `${ahead} ahead${minutes}` : `next${minutes}`;
}

function slot({ slot_from_ms, slot_to_ms }) {
  return slot_from_ms === null ? "" : `${time(slot_from_ms)} to ${time(slot_to_ms)}`;
}

for (;;) {
  try {
    const trucks = await persist(() => call("GET", `/supplier-queue/${location.hash.slice(1)}`), told);
    const found = trucks.map((each) => [each.number, each.site, each.state, slot(each), time(each.arrived_ms), wait(each)]);
    rows("trucks", ["Delivery", "Site", "State", "Appointment", "Arrived", "Turn"], found);
    $("none").hidden = trucks.length > 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    [$("told").textContent, $("told").className] = ["This link does not hold any more: ask for another one.", "wrong"];
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
