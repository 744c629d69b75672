// The sounds there are, and whose voice sounds like what.

const SAMPLED = {
  vibraphone: { name: "vibraphone", pitches: [53, 59, 65, 71, 77, 83, 89], release: 0.22, gain: 0.9 },
  rhodes: { name: "electric piano", pitches: [41, 47, 53, 59, 65, 71, 77, 83, 89], release: 0.09, gain: 1 },
  piano: { name: "piano", pitches: [41, 47, 53, 59, 65, 71, 77, 83, 89], release: 0.1, gain: 1 },
  bass: { name: "bass", pitches: [28, 33, 38, 43, 48, 53, 58], release: 0.07, gain: 1.25 },
};

// General MIDI's drum map, as far as a jazz kit goes.
const KIT = {
  35: "kick", 36: "kick", 37: "sidestick", 38: "snare", 40: "snare", 42: "hihat", 44: "hihat",
  46: "openhat", 49: "crash", 51: "ride", 53: "ride", 55: "crash", 57: "crash", 59: "ride",
  75: "click", 76: "click", 77: "click",
};

export const SOUNDS = ["vibraphone", "rhodes", "piano"];
export const soundName = (sound) => SAMPLED[sound]?.name ?? sound;

/** The voices in their order: what they are called, what they sound like, how loud. */
export const VOICES = {
  improvd: { label: "improvd", sound: "vibraphone", volume: 0.9, choice: SOUNDS },
  you: { label: "you", sound: "rhodes", volume: 0.9, choice: SOUNDS },
  others: { label: "other players", sound: "rhodes", volume: 0.8, choice: SOUNDS, muted: true },
  piano: { label: "piano", sound: "piano", volume: 0.6, choice: ["piano", "rhodes"], band: true },
  bass: { label: "bass", sound: "bass", volume: 0.9, choice: ["bass"], band: true },
  drums: { label: "drums", sound: "kit", volume: 0.8, choice: ["kit"], band: true },
  click: { label: "click", sound: "kit", volume: 0.5, choice: ["kit"], muted: true },
};

const BY_CHANNEL = new Map([[1, "bass"], [2, "piano"], [9, "drums"]]);

/** Whose note a channel's is, `own` being the one that improvd's line is on.
 *
 * `others` are the band's voices by their channels; a jam of another day has the usual ones.
 */
export function voiceOf(channel, own, others = BY_CHANNEL) {
  const name = channel === own ? "improvd" : others.get(channel);
  return name in VOICES ? name : "improvd";
}

/** The recorded note nearest to a pitch: its file, how much faster it is played, how it ends. */
export function sampleOf(sound, pitch) {
  if (sound === "kit") {
    const file = KIT[pitch];
    return file ? { file, rate: 1, release: null, gain: 1 } : null;
  }
  const { pitches, release, gain } = SAMPLED[sound];
  const root = pitches.reduce((a, b) => (Math.abs(b - pitch) < Math.abs(a - pitch) ? b : a));
  return { file: `${sound}-${root}`, rate: 2 ** ((pitch - root) / 12), release, gain };
}

/** All files of a sound. */
export function filesOf(sound) {
  if (sound === "kit") return [...new Set(Object.values(KIT))];
  return SAMPLED[sound].pitches.map((pitch) => `${sound}-${pitch}`);
}
