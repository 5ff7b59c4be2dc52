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
  return /^01\d{14}(?:1[1-7]\d{6})*10([^~\x1d]+)/.exec(fields)?.[1] ?? null;
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
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const gap = event.timeStamp - lastKey;
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
    if (event.key.length !== 1) return;
    ended = false;
    if (!buffer) fast = true;
    else if (gap > BURST_GAP_MS) fast = false;
    buffer += event.key;
    if (!takesKeys()) event.preventDefault(); // a blank must not press the button last touched
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (fast && buffer.length >= BURST_KEYS_MIN) ended = finish(null);
    }, END_SILENCE_MS);
  }

  document.addEventListener("keydown", onKey, { capture: true });
}
