// Tables, bars and figures, drawn from data alone.

const SVG = "http://www.w3.org/2000/svg";

/** A share as percent, with as many digits as it takes not to round an error away. */
export const percent = (share) => (Number.isFinite(share) ? `${(100 * share).toFixed(share > 0.999 && share < 1 ? 3 : 1)} %` : "");

export const money = (cents) => (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });

/** A day, with its year where that is not this one. */
export function day(iso) {
  const then = new Date(`${iso}T12:00`);
  const year = then.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return then.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...year });
}

export const time = (ms) =>
  ms ? new Date(ms).toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }) : "";

/** Fill a table: each row a list of texts, figures or elements. */
export function rows(id, headings, found) {
  const head = document.createElement("thead");
  const body = document.createElement("tbody");
  head.append(document.createElement("tr"));
  headings.forEach((heading, column) => {
    const cell = document.createElement("th");
    cell.textContent = heading;
    if (found.some((each) => typeof each[column] === "number")) cell.className = "figure";
    head.firstChild.append(cell);
  });
  for (const each of found) {
    const row = document.createElement("tr");
    each.forEach((content, column) => {
      const cell = document.createElement("td");
      cell.dataset.label = headings[column];
      if (typeof content === "number") cell.className = "figure";
      cell.append(typeof content === "number" ? content.toLocaleString("en") : content);
      row.append(cell);
    });
    body.append(row);
  }
  document.getElementById(id).replaceChildren(...(found.length ? [head, body] : ["None."]));
}

/** Draw a bar for each [name, length, words]; the longest bar is the longest length, or `full`. */
export function bars(id, found, full = Math.max(1, ...found.map(([, length]) => length))) {
  const made = found.map(([name, length, words]) => {
    const bar = document.createElement("div");
    bar.className = "bar";
    const drawn = document.createElementNS(SVG, "svg");
    drawn.setAttribute("viewBox", "0 0 100 10");
    drawn.setAttribute("preserveAspectRatio", "none");
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("width", `${(100 * length) / full}`);
    rect.setAttribute("height", "10");
    drawn.append(rect);
    const [label, figure] = [document.createElement("span"), document.createElement("b")];
    [label.textContent, figure.textContent] = [name, words];
    bar.append(label, drawn, figure);
    return bar;
  });
  document.getElementById(id).replaceChildren(...made);
}
