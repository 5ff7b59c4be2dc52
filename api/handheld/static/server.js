// Talks to the server so that nothing a picker did is lost, and nothing is done twice.
//
// An action gets its id here, on the device, and is kept in the browser's storage until it is answered.
// As long as no answer comes it is sent again with the same id; the server carries it out once. After a
// reload it is sent again first.

const TIMEOUT_MS = 8000; // a busy server answers in well under a second; longer is a lost connection
const PAUSES_MS = [300, 700, 1500, 3000]; // between tries; the last one is repeated
const KEPT = "onward.action";
const DEVICE = "onward.device";

/** What the server said instead of doing it; `problem.detail` is one line for the screen. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail);
    this.status = problem.status;
    this.kind = problem.type;
    this.facts = problem;
  }
}

/** 128 random bits as text; crypto.randomUUID is missing on pages served without HTTPS. */
function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What this device calls itself, the same for ever. */
export function deviceName() {
  let name = localStorage.getItem(DEVICE);
  if (!name) localStorage.setItem(DEVICE, (name = `hh-${newId().slice(0, 6)}`));
  return name;
}

/** One call. Throws Refusal if the server said no, and any other error if it could not be asked. */
export async function call(method, path, body) {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status >= 500) throw new Error(`status ${response.status}`);
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Refusal(answer);
  return answer;
}

/** Keep calling `ask` until the server answers; `told(false)` when it cannot be reached, `told(true)` after. */
export async function persist(ask, told) {
  for (let tries = 0; ; tries++) {
    try {
      const answer = await ask();
      told(true);
      return answer;
    } catch (error) {
      if (error instanceof Refusal) {
        told(true);
        throw error;
      }
      told(false);
      await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
    }
  }
}

/** Wait, but no longer than until the device is connected again. */
function pause(duration_ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, duration_ms);
    addEventListener("online", done);
  });
}

/** Do something once: `user` asks for `path` with `body`. Resolves with the answer, however long it takes. */
export function act(user, path, body, told) {
  const action = { user, path, body: { ...body, client_id: newId() } };
  localStorage.setItem(KEPT, JSON.stringify(action));
  return send(action, told);
}

/** Send again what `user` did before the page was closed or reloaded; null if there is nothing. */
export function actAgain(user, told) {
  const action = JSON.parse(localStorage.getItem(KEPT) ?? "null");
  return action && action.user === user ? send(action, told) : null;
}

async function send(action, told) {
  try {
    const answer = await persist(() => call("POST", action.path, action.body), told);
    localStorage.removeItem(KEPT);
    return answer;
  } catch (refusal) {
    if (refusal.status !== 401) localStorage.removeItem(KEPT); // after a new sign-in it is sent again
    throw refusal;
  }
}
