// Reads a keyboard-wedge scanner anywhere on the page.
//
// A wedge types a code very fast and may end it with CR, LF, Tab or nothing. Keys are taken at document
// level, so no field needs the focus and no button is pressed by a scanner's Enter:
//   - a terminator ends the code at once;
//   - after a burst no hand can type, silence ends it, and a terminator that comes late still belongs to it;
//   - keys that come slowly are dropped: a stray touch of a key is not a scan.
// Typing by hand goes through the visible key-in field, which takes fast bursts as scans as well.

const BURST_GAP_MS = 45; // wedges send a key every 0 to 30 ms; sustained typing is slower than 60 ms
const END_SILENCE_MS = 50; // no wedge pauses this long inside a code
const DROP_SILENCE_MS = 250; // what came before so long a pause belongs to something else
const LATE_TERMINATOR_MS = 1000; // a slow wedge ends a code that silence has ended already: no key for a button
const BURST_KEYS_MIN = 4; // shorter bursts are fingers rolling over keys

const TERMINATORS = new Set(["Enter", "Tab", "\n", "\r"]);

const GS1_IDENTIFIER = /^\](?:C1|e0|d2|Q3|J1)/;
const GS = "\x1d"; // ends a field of a GS1 symbol
const FUNCTION_KEY = /^F\d+$/;
const GTIN = /^(?:\](?:C1|e0|d2|Q3|J1)01|\(01\))(\d{14})(?!.*\])/; // a second ] begins the same code again

/**
 * The code itself: without terminators (also spelled out), blanks around it, and symbology identifier, except one
 * that announces GS1 fields: without it nobody could tell them from a plain code.
 */
export function clean(text) {
  const code = text.replace(/(\\[nrt]|[\r\n\t])+$/g, "").trim();
  return GS1_IDENTIFIER.test(code) ? code : code.replace(/^\][A-Za-z][0-9A-Za-z]/, "").trim();
}

/** The trade item number of 14 digits in a GS1 symbol, where it stands first; null in any other scan. */
export function gtin(code) {
  return GTIN.exec(code)?.[1] ?? null;
}

/** The lot in a GS1 symbol that the fields before it lead to; null in any other scan. */
export function lot(code) {
  const fields = code.replace(GS1_IDENTIFIER, "");
  if (fields.startsWith("(")) return /\(10\)([^()]+)/.exec(fields)?.[1] ?? null;
  if (gtin(code) === null) return null;
  // What ends a lot is GS or whatever the scanner sends for it: a character that no GS1 field may hold.
  return /^01\d{14}(?:1[1-7]\d{6})*10([!"%-?A-Z_a-z]+)/.exec(fields)?.[1] ?? null;
}

/**
 * The character that a key stands for; empty where it stands for none.
 *
 * No keyboard has GS, so wedges send Ctrl+] for it, or a function key (F8 on many, which one depends on the maker).
 * Within a GS1 symbol nothing else can be meant by either; anywhere else they are the browser's.
 */
function character({ key, code, ctrlKey, altKey, metaKey }, buffer) {
  const within = GS1_IDENTIFIER.test(buffer);
  if (within && ctrlKey && !altKey && (key === "]" || key === GS || code === "BracketRight")) return GS;
  if (within && FUNCTION_KEY.test(key)) return GS;
  return ctrlKey || altKey || metaKey || key.length !== 1 ? "" : key;
}

/** The serial in a GS1 symbol that the fields before it lead to; null in any other scan. */
export function serial(code) {
  const fields = code.replace(GS1_IDENTIFIER, "");
  if (fields.startsWith("(")) return /\(21\)([^()]+)/.exec(fields)?.[1] ?? null;
  if (gtin(code) === null) return null;
  return /^01\d{14}(?:1[1-7]\d{6}|10[^~\x1d]+[~\x1d])*21([^~\x1d]+)/.exec(fields)?.[1] ?? null;
}

/** What names the product in a scan: of a symbol only its number, since what follows that may hold a slash. */
export function ofProduct(code) {
  return gtin(code) === null ? code : `]d201${gtin(code)}`;
}

/** Half of `code` if it is the same text twice, as two scanner outputs switched on at once send it. */
export function half(code) {
  const middle = code.length / 2;
  return Number.isInteger(middle) && middle > 0 && code.slice(0, middle) === code.slice(middle)
    ? code.slice(0, middle)
    : null;
}

/** Call `onScan(code, terminated)` for every scan. `takesKeys()`: slow keys belong to somebody else. */
export function listen(onScan, takesKeys = () => false) {
  let buffer = "";
  let fast = true; // no gap in the buffer was longer than BURST_GAP_MS
  let lastKey = -Infinity;
  let ended = false; // silence has ended a code, and no key came since
  let timer = 0;

  function finish(event) {
    clearTimeout(timer);
    const code = clean(buffer);
    buffer = "";
    if (!code) return false;
    event?.preventDefault();
    event?.stopPropagation();
    onScan(code, event !== null);
    return true;
  }

  function onKey(event) {
    const gap = event.timeStamp - lastKey;
    const typed = character(event, gap > DROP_SILENCE_MS ? "" : buffer);
    if (event.isComposing || (!typed && (event.ctrlKey || event.altKey || event.metaKey))) return;
    lastKey = event.timeStamp;
    if (gap > DROP_SILENCE_MS) buffer = "";
    if (TERMINATORS.has(event.key)) {
      if (ended && gap <= LATE_TERMINATOR_MS) {
        event.preventDefault();
        event.stopPropagation();
      }
      ended = false;
      const burst = fast && buffer.length >= BURST_KEYS_MIN;
      if (burst || !takesKeys()) finish(event);
      else buffer = "";
      return;
    }
    if (!typed) return;
    ended = false;
    if (!buffer) fast = true;
    else if (gap > BURST_GAP_MS) fast = false;
    buffer += typed;
    if (typed === GS || !takesKeys()) event.preventDefault(); // a blank must not press the button last touched
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (fast && buffer.length >= BURST_KEYS_MIN) ended = finish(null);
    }, END_SILENCE_MS);
  }

  document.addEventListener("keydown", onKey, { capture: true });
}
