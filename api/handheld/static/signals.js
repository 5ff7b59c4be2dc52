// What a picker hears and feels: two tones that cannot be taken for each other, and a short buzz.
//
// Every signal is also told as an `onward:signal` event on the document, with the tone's frequencies and
// whether the device could sound it; browsers stay silent until the page has been touched once.

const TONES = {
  right: { wave: "sine", notes: [[1320, 0.09]], buzz: [40] },
  wrong: { wave: "square", notes: [[220, 0.18], [165, 0.28]], buzz: [120, 60, 200] },
};

let audio = null;

function play({ wave, notes }) {
  const Context = window.AudioContext;
  if (!Context) return false;
  audio ??= new Context();
  if (audio.state === "suspended") audio.resume();
  let at = audio.currentTime + 0.01;
  for (const [frequency, seconds] of notes) {
    const oscillator = new OscillatorNode(audio, { type: wave, frequency });
    const volume = new GainNode(audio, { gain: 0.4 });
    volume.gain.setTargetAtTime(0, at + seconds * 0.8, 0.01); // fading out avoids a click
    oscillator.connect(volume).connect(audio.destination);
    oscillator.start(at);
    oscillator.stop(at + seconds);
    at += seconds;
  }
  return audio.state === "running";
}

/** Sound and buzz `kind`, "right" or "wrong". */
export function signal(kind) {
  const tone = TONES[kind];
  const sounded = play(tone);
  navigator.vibrate?.(tone.buzz);
  const frequencies = tone.notes.map(([frequency]) => frequency);
  document.dispatchEvent(new CustomEvent("onward:signal", { detail: { kind, frequencies, sounded } }));
}

/** Keep the screen lit while the page is in view, where the browser allows it (HTTPS or localhost). */
export function stayAwake() {
  const ask = () => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", ask); // a hidden page loses its lock
  ask();
}
