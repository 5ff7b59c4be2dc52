// Alerts: what a manager has to take care of: goods near their expiry, zones that left their climate, and nearly empty
// bins that pile up.
//
// One at a time, the most urgent first. A tap says that somebody takes care of it; it is told once and never again.

import { act, call, persist } from "./server.js";
import { some } from "./words.js";

const $ = (id) => document.getElementById(id);

const DAY_MS = 86_400_000;

/** How long goods still keep, in words. */
function life(days_left) {
  if (days_left === null) return "No expiry";
  if (days_left < 0) return `Expired ${-days_left} d ago`;
  return days_left ? `Expires in ${days_left} d` : "Expires today";
}

/** A goods' worth as people read it, without the cents where they say nothing. */
export function money(cents) {
  const units = cents / 100;
  return units.toLocaleString("en", units < 1000 ? { minimumFractionDigits: 2 } : { maximumFractionDigits: 0 });
}

/** What an alert about goods is on the screen. */
const ageing = (alert) => ({
  path: `/alerts/${alert.alert_id}/acknowledge`,
  what: life(alert.days_left),
  name: alert.name,
  facts: `${alert.product} · lot ${alert.lot}${alert.owner === "house" ? "" : ` · ${alert.owner}`}`,
  units: alert.quantity,
  value: alert.value_cents ? money(alert.value_cents) : "",
});

/** What an excursion is on the screen. */
const climate = ({ excursion_id, what, measured, zone, began_ms, ended_ms, lots }) => {
  const days = Math.floor((Date.now() - began_ms) / DAY_MS);
  const began = new Date(began_ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return {
    path: `/excursions/${excursion_id}/acknowledge`,
    what: what.replaceAll(" °C", "\u00a0°C"),
    name: `Zone ${zone}`,
    facts: `since ${began}${days ? `, ${days} d ago` : ""} · ${ended_ms === null ? "still so" : "over"} · measured ${measured.replaceAll(/ (?=[°%])/g, "\u00a0")}`,
    units: lots.reduce((sum, { quantity }) => sum + quantity, 0),
    value: "",
  };
};

/** What nearly empty bins that pile up are on the screen. */
const pile = ({ alert_id, num_nearly_empty, num_used, ended_ms }) => ({
  path: `/consolidation-alerts/${alert_id}/acknowledge`,
  what: some(num_nearly_empty, "bin"),
  name: "Nearly empty",
  facts: `of ${num_used} in use · ${ended_ms === null ? "empty them under Fill up" : "over"}`,
  units: "",
  value: "",
});

/** The screen of alerts; `page` are the functions that the page shares with its screens. */
export function alerts(state, { say, refused, told, draw, home, onTap }) {
  let waiting = []; // what nobody takes care of yet, the most urgent first
  let at = 0; // which of them is shown

  const site = () => `/sites/${encodeURIComponent(state.site)}`;

  async function look() {
    const ask = (what) => persist(() => call("GET", `${site()}/${what}?acknowledged=false`), told);
    const [excursions, goods] = [await ask("excursions"), await ask("alerts")];
    const piles = await ask("consolidation-alerts");
    const over = ({ ended_ms }) => Number(ended_ms !== null);
    excursions.sort((one, other) => over(one) - over(other));
    waiting = [...excursions.map(climate), ...goods.map(ageing), ...piles.map(pile)];
    at = Math.min(at, Math.max(waiting.length - 1, 0));
    draw();
  }

  async function send(path) {
    try {
      return await act(state.me.user, `${site()}${path}`, {}, told);
    } catch (error) {
      await refused(error);
      return null;
    } finally {
      if (state.me) await look();
    }
  }

  /** Raise what is due now: it is done every night as well. */
  async function raise() {
    const raised = await send("/alerts/raise");
    if (raised) say("right", raised.num_raised ? `${raised.num_raised} new` : "Nothing new");
  }

  async function acknowledge() {
    if (await send(waiting[at].path)) say("right", "Yours now");
  }

  onTap("alerts-home", home);
  onTap("alerts-raise", raise);
  onTap("alerts-next", () => ((at = (at + 1) % waiting.length), draw()));
  onTap("alerts-seen", acknowledge);

  return {
    view: "alerts",
    entry: "Alerts",
    roles: ["manager", "admin"],

    open() {
      at = 0;
      return look();
    },

    scan: () => say("wrong", "Nothing to scan here"),

    todo: () => (waiting.length ? `Alert ${at + 1} of ${waiting.length}` : "No alert waits"),

    draw() {
      const shown = waiting[at];
      $("alerts-box").hidden = $("alerts-tiles").hidden = $("alerts-seen").hidden = !shown;
      $("alerts-next").hidden = waiting.length < 2;
      if (!shown) return;
      for (const part of ["what", "name", "facts", "units", "value"]) $(`alerts-${part}`).textContent = shown[part];
      for (const part of ["units", "value"]) $(`alerts-${part}`).parentElement.hidden = shown[part] === "";
    },
  };
}
