// Differences: what counts have found that the books say otherwise, for a manager to approve or to have counted anew.
//
// One at a time, what is worth most first. For units that are missing, or too many, the server knows in which bins to
// look, the likeliest first.

import { money } from "./alerts.js";
import { act, call, persist } from "./server.js";

const $ = (id) => document.getElementById(id);

export const CAUSES = [
  ["mispick", "Picked wrongly"],
  ["misstow", "Put away wrongly"],
  ["receiving", "Received wrongly"],
  ["theft", "Theft"],
  ["damage", "Damage"],
  ["unit", "Wrong unit"],
  ["label", "Wrong label"],
  ["system", "Fault of the system"],
  ["unknown", "Nobody knows"],
];

const signed = (units) => (units > 0 ? `+${units}` : `${units}`);

/** One bin to look in: a row that only tells. */
function row({ bin_code, why }, index) {
  const place = document.createElement("div");
  place.append(document.createElement("b"), document.createElement("small"));
  place.firstChild.textContent = `${index + 1} · ${bin_code}`;
  place.lastChild.textContent = why.join(", ");
  return place;
}

/** The screen of differences; `page` are the functions that the page shares with its screens. */
export function differences(state, { say, refused, told, draw, choose, home, onTap }) {
  let waiting = []; // what is to be decided, the most valuable first
  let at = 0; // which of them is shown
  let bins = null; // where its units could be, once that was asked

  async function look() {
    const path = `/sites/${encodeURIComponent(state.site)}/differences?state=open&limit=1000`;
    const found = await persist(() => call("GET", path), told);
    waiting = found.sort((one, other) => (other.value_cents ?? 0) - (one.value_cents ?? 0));
    at = Math.min(at, Math.max(waiting.length - 1, 0));
    bins = null;
    draw();
  }

  /** Decide about the difference that is shown; the answer, or null if it was refused. */
  async function decide(how, body = {}) {
    try {
      return await act(state.me.user, `/differences/${waiting[at].difference_id}/${how}`, body, told);
    } catch (error) {
      await refused(error);
      return null;
    } finally {
      if (state.me) await look();
    }
  }

  async function approve() {
    const { cause: likely, name } = waiting[at];
    const causes = [...CAUSES].sort(([one], [other]) => Number(other === likely) - Number(one === likely));
    const cause = await choose("Why were the books wrong?", causes, { hint: name });
    const done = cause && (await decide("approve", { cause }));
    if (done) say("right", `Books corrected: ${signed(done.quantity_adjusted)}`);
    if (done?.quantity_promised) say("wrong", `${done.quantity_promised} are promised: the pick finds them short`);
  }

  async function other() {
    const chosen = await choose("What about it?", [
      ["search", "Where could it be?"],
      ["reject", "Not so: count it anew"],
    ]);
    if (chosen === "reject" && (await decide("reject"))) say("right", "To be counted anew");
    if (chosen === "search") await search();
  }

  async function search() {
    try {
      bins = await persist(() => call("GET", `/differences/${waiting[at].difference_id}/search`), told);
      if (!bins.length) say("wrong", "No bin to look in");
    } catch (error) {
      await refused(error);
    }
    draw();
  }

  function back() {
    if (!bins?.length) return home();
    bins = null;
    draw();
  }

  onTap("differ-home", back);
  onTap("differ-next", () => ((at = (at + 1) % waiting.length), draw()));
  onTap("differ-other", other);
  onTap("differ-approve", approve);

  function drawShown({ bin_code, name, product, lot, serial, counted, on_books, difference, value_cents }) {
    $("differ-bin").textContent = bin_code;
    $("differ-name").textContent = name;
    $("differ-facts").textContent = [product, `lot ${lot}`, serial && `serial ${serial}`].filter(Boolean).join(" · ");
    $("differ-counted").textContent = counted;
    $("differ-books").textContent = on_books;
    const worth = value_cents === null ? "no value" : `worth ${money(value_cents)}`;
    $("differ-worth").textContent = `${signed(difference)} · ${worth}`;
  }

  return {
    view: "differ",
    entry: "Approve",
    roles: ["manager", "admin"],

    open() {
      at = 0;
      return look();
    },

    scan: () => say("wrong", "Nothing to scan here"),

    todo() {
      if (bins?.length) return "Look here, in this order";
      return waiting.length ? `Difference ${at + 1} of ${waiting.length}` : "No difference waits";
    },

    draw() {
      const shown = bins?.length ? null : waiting[at];
      $("differ-bins").hidden = !bins?.length;
      $("differ-shown").hidden = $("differ-other").hidden = $("differ-approve").hidden = !shown;
      $("differ-next").hidden = !shown || waiting.length < 2;
      if (shown) drawShown(shown);
      else $("differ-bins").replaceChildren(...(bins ?? []).map(row));
    },
  };
}
