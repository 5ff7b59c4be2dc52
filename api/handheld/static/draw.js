// Draws the state of the page. Every place stands still: only texts, colours and pictures change.

const $ = (id) => document.getElementById(id);

const SHAPES = { right: "✓", wrong: "✕", wait: "…", todo: "▸" };
const VIEWS = ["badge", "pin", "idle", "step", "count", "finish", "done"];

/** A bin code in its groups, so that the eye takes it in pieces: 07-042-B1-K is 07 042 B1 K. */
export function groups(code) {
  return code.split(/[-./]/).map((group) => {
    const span = document.createElement("span");
    span.textContent = group;
    return span;
  });
}

function show(id, visible) {
  $(id).hidden = !visible;
}

function text(id, content) {
  const place = $(id);
  if (place.textContent !== content) place.textContent = content;
}

/** As large as the box allows, in one row or two, so that it reads from an arm's length on every screen. */
export function fitBinCode(place) {
  const box = place.parentElement;
  place.className = "bin-code";
  place.style.fontSize = "100px";
  const widths = [...place.children].map((span) => span.offsetWidth);
  const rowWidth = (some) => some.reduce((sum, width) => sum + width, 0) + 25 * (some.length - 1);
  const cut = Math.ceil(widths.length / 2);
  const room = { width: box.clientWidth - 24, height: box.clientHeight - place.nextElementSibling.offsetHeight - 12 };
  const fits = (width, rows) => Math.min((100 * room.width) / width, room.height / (1.05 * rows), 120);
  const oneRow = fits(rowWidth(widths), 1);
  const twoRows = fits(Math.max(rowWidth(widths.slice(0, cut)), rowWidth(widths.slice(cut))), 2);
  const broken = widths.length > 1 && twoRows > oneRow;
  place.children[cut]?.classList.toggle("row", broken);
  place.style.fontSize = `${Math.floor(broken ? twoRows : oneRow)}px`;
}

/** What to do now, in a few words. */
function todo(state) {
  if (state.view === "badge") return "Scan your badge";
  if (state.view === "pin") return "Enter your PIN";
  if (state.view === "idle") {
    if (state.beginsAt !== null) return "Wait for the next run";
    return state.next?.runs_ready ? "Take a run" : "No run is waiting";
  }
  if (state.view === "finish") return "Last bin done";
  if (state.view === "done") return "Run done";
  if (state.menu.at()) return state.menu.at().todo();
  if (state.view === "count") return todoCount(state);
  if (!state.binScanned) return "Scan the bin";
  if (state.next.step.product.serialised) return state.read ? "Scan the serial of the unit" : "Scan each unit";
  if (!state.counted) return "Scan the product";
  return `Take ${state.next.step.quantity}, scan each or confirm`;
}

function todoCount({ counting, tally }) {
  if (!counting.count.begun) return "Scan the bin to count";
  if (tally.serials) return "Scan each unit";
  return tally.code ? "Scan each, or key in how many" : "Scan what lies here";
}

const SMALLER = ["", "long", "longest"]; // the band's letters: the largest that hold its words are taken

function drawBand(state) {
  const { kind, words } = state.offline
    ? { kind: "wait", words: "No connection. Nothing is lost: it is sent when it is back" }
    : (state.message ?? { kind: "todo", words: todo(state) });
  $("band").dataset.kind = kind;
  text("band-shape", SHAPES[kind]);
  text("band-text", words);
  for (const size of SMALLER) {
    $("band").className = `band ${size}`;
    if ($("band-text").offsetHeight <= $("band").clientHeight) break;
  }
}

function drawHeader(state) {
  const { next, view } = state;
  const progress = next?.progress;
  const share = progress ? progress.steps_done / progress.steps : 0;
  $("bar").style.width = `${100 * share}%`;
  $("bar").parentElement.setAttribute("aria-valuenow", String(Math.round(100 * share)));
  const shown = view === "step" ? `${progress.steps_done + 1} of ${progress.steps}` : (state.me?.display_name ?? "");
  text("where", shown);
  show("map-open", view === "step");
  show("leave", Boolean(state.me));
}

/** Where the bin is, from where the picker stands. */
export function direction({ aisle, side, level, slot }, aisleBefore) {
  const ahead = aisle === aisleBefore ? "Ahead" : `Aisle ${aisle}`;
  const hand = side ? `, ${side} side` : "";
  return `${ahead}${hand}\nlevel ${level}, slot ${slot}`;
}

function drawStep(state) {
  const { step } = state.next;
  const key = `${state.next.run}/${step.step}`;
  if ($("bin-code").dataset.step !== key) {
    $("bin-code").dataset.step = key;
    $("bin-code").replaceChildren(...groups(step.bin_code));
  }
  $("bin-box").className = state.binScanned ? "box done" : "box now";
  $("product-box").className = state.binScanned ? "box product now" : "box product";
  text("direction", direction(step, state.aisleBefore));
  text("product-name", step.product.name);
  text("product-code", step.expires_on ? `${step.product.code} · expires ${step.expires_on}` : step.product.code);
  show("picture", Boolean(step.product.picture));
  if (step.product.picture && $("picture").getAttribute("src") !== step.product.picture) {
    $("picture").src = step.product.picture;
  }
  text("quantity", String(step.quantity));
  text("counted", state.counted ? `${state.counted} scanned` : "");
  text("tote", String(step.tote));
  if ($("bin-code").dataset.fitted !== key) {
    $("bin-code").dataset.fitted = key;
    fitBinCode($("bin-code"));
  }
  text("ahead", step.then ? groups(step.then).map((span) => span.textContent).join(" ") : "the end of the run");
}

/** Minutes and seconds, as 1:05. */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How many runs wait, or how long it is until the first of them begins. */
function waiting({ next, beginsAt }) {
  if (beginsAt !== null) return `The next run begins in ${clock(Math.ceil(Math.max(0, beginsAt - performance.now()) / 1000))}`;
  const ready = next?.runs_ready ?? 0;
  return ready === 1 ? "1 run is waiting" : ready ? `${ready} runs are waiting` : "No run is waiting";
}

function drawCount({ counting, tally }) {
  const { count } = counting;
  const place = $("count-code");
  if (place.dataset.count !== String(count.count)) {
    place.dataset.count = String(count.count);
    place.replaceChildren(...groups(count.bin_code));
    text("count-direction", direction(count, ""));
    fitBinCode(place);
  }
  $("count-box").className = count.begun ? "box done" : "box now";
  $("count-goods").className = count.begun ? "box product now" : "box product";
  text("count-name", tally.name);
  const noted = count.lines.map(({ quantity, name }) => `${quantity} × ${name}`);
  text("count-lines", noted.length ? `Noted: ${noted.join(", ")}` : "");
  text("count-units", tally.code ? String(tally.units) : "");
  $("units-open").disabled = !tally.code || Boolean(tally.serials);
}

function drawDone({ summary }) {
  text("done-metres", `${Math.round(summary.distance_mm / 1000)} m`);
  text("done-lines", String(summary.lines));
  text("done-short", summary.lines_short ? `${summary.lines_short} of the lines short` : "");
  text("done-units", String(summary.units));
  text("done-time", clock(Math.floor(summary.duration_ms / 1000)));
}

function drawSites(state) {
  const several = state.sites.length > 1;
  const shown = several ? state.sites : [];
  if ($("sites").childElementCount !== shown.length) {
    $("sites").replaceChildren(
      ...shown.map((site) => {
        const button = document.createElement("button");
        button.textContent = site.name;
        button.dataset.site = site.code;
        return button;
      }),
    );
  }
  for (const button of $("sites").children) {
    button.setAttribute("aria-pressed", String(button.dataset.site === state.site));
  }
}

/** The entries of the first screen, and the screen that one of them has opened. */
function drawMenu(state) {
  const { menu, me, view } = state;
  const entries = view === "idle" ? menu.shown() : [];
  show("menu", entries.length > 0);
  if (entries.length && $("menu").dataset.role !== me.role) {
    $("menu").dataset.role = me.role;
    $("menu").replaceChildren(
      ...entries.map((screen) => {
        const button = document.createElement("button");
        button.textContent = screen.entry;
        button.dataset.screen = screen.view;
        return button;
      }),
    );
  }
  for (const each of menu.screens) show(each.view, each.view === view);
  for (const button of document.querySelectorAll("footer [data-view]")) button.hidden = button.dataset.view !== view;
  menu.at()?.draw();
}

/** Draw everything. */
export function draw(state) {
  for (const view of VIEWS) show(view, state.view === view);
  drawMenu(state);
  drawHeader(state);
  drawBand(state);
  if (state.view === "pin") {
    text("pin-badge", state.badge);
    text("pin-dots", "●".repeat(state.pin.length));
  }
  if (state.view === "idle") {
    text("hello", `Hello, ${state.me.display_name}`);
    text("waiting", waiting(state));
    $("take").disabled = state.beginsAt !== null;
    drawSites(state);
    const due = state.counting?.counts_due ?? 0;
    text("count-take", due === 1 ? "Count a bin" : `Count bins: ${due} wait`);
    show("count-take", due > 0);
  }
  if (state.view === "step") drawStep(state);
  if (state.view === "count") drawCount(state);
  if (state.view === "finish") text("end", state.next.end ?? "the end of the run");
  if (state.view === "done") drawDone(state.next);
  const counting = state.view === "step" && state.counted > 0;
  show("short-open", state.view === "step" && state.binScanned);
  show("blocked-open", state.view === "step" && !state.binScanned);
  show("cart-there", state.view === "finish");
  show("key-in-open", (state.view === "step" && !counting) || state.view === "count" || state.view === "badge");
  show("take-all", counting);
  if (counting) text("take-all", `Took all ${state.next.step.quantity}`);
  show("count-leave", state.view === "count");
  show("count-close", state.view === "count" && state.counting.count.begun);
  show("next-run", state.view === "done");
}

/** Flash the whole width once. */
export function flash(kind) {
  const place = $("flash");
  delete place.dataset.kind;
  void place.offsetWidth; // without this the browser sees no change and the animation does not start again
  place.dataset.kind = kind;
}

addEventListener("resize", () => {
  for (const place of document.querySelectorAll(".bin-code")) if (place.childElementCount) fitBinCode(place);
});
