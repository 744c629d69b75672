// The band on the browser's audio clock. Notes are scheduled ahead: when a frame comes does not
// matter, as long as it comes before its notes are to sound.

import { AudioClock } from "./clock.js";
import { VOICES, filesOf, sampleOf } from "./voices.js";

// A recorded note begins where it is as loud as this, whatever the decoder put before it.
const AUDIBLE = 0.004;
const ROOM_SECONDS = 1.4;
const RELEASE_SPANS = 7;
// The audio clock is looked at often before the first note, and then by no multiple of a buffer.
const FIRST_LOOKS = 30;
const LOOK_EVERY_MS = 83;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Sound {
  constructor(makeContext = () => new AudioContext({ latencyHint: "interactive" })) {
    this.makeContext = makeContext;
    this.context = null;
    this.buffers = new Map();
    this.voices = new Map();
    this.settings = structuredClone(VOICES);
    this.notes = new Set();
    this.clock = new AudioClock();
  }

  get isOn() {
    return this.context?.state === "running";
  }

  /** Seconds from a note's time on the audio clock until it is heard. */
  get latency() {
    const { outputLatency, baseLatency } = this.context ?? {};
    return this.isOn ? outputLatency || baseLatency || 0 : 0;
  }

  /** Begin to sound; only after a click or a key. Throws where the browser has no audio. */
  async start() {
    if (!this.context) {
      this.context = this.makeContext();
      this.#build();
      this.context.onstatechange = () => this.clock.forget();
      setInterval(() => this.isOn && this.#look(), LOOK_EVERY_MS);
    }
    await this.context.resume?.();
    await Promise.all([this.#load(), this.#lookOften()]);
  }

  /** The moment on the audio clock of one of `performance.now()`. */
  when(ours) {
    this.#look();
    return this.clock.theirs(ours / 1000);
  }

  #look() {
    this.clock.seen(this.context.currentTime, performance.now() / 1000);
  }

  async #lookOften() {
    for (let look = 0; look < FIRST_LOOKS; look++) {
      this.#look();
      await pause(4);
    }
  }

  /** Have a note sound from `at` to `until` on the audio clock (null: until it is let go).
   *
   * One of the archive sounds while the live voices are ducked.
   */
  play(voice, pitch, velocity, at, until = null, archived = false) {
    const { sound } = this.settings[voice];
    const sample = sampleOf(sound, pitch);
    const recorded = sample && this.buffers.get(sample.file);
    if (!recorded || !this.voices.has(voice)) return null;
    const note = new SoundingNote(this.context, sample, recorded, velocity, at);
    note.connect(archived ? this.archive : this.voices.get(voice).gain);
    note.voice = archived ? "archive" : voice;
    this.notes.add(note);
    note.source.onended = () => this.notes.delete(note);
    if (until !== null) note.end(until);
    return note;
  }

  /** Nothing sounds any more, and nothing that was scheduled will; of one voice, or of all. */
  silence(voice = null) {
    for (const note of this.notes) if (voice === null || note.voice === voice) note.cut();
  }

  /** Change a voice: `volume` (0 to 1), `muted`, `solo`, `sound`. */
  async set(voice, changes) {
    Object.assign(this.settings[voice], changes);
    this.#level();
    if (changes.sound && this.context) await this.#load();
  }

  /** All voices of the live music fall silent, or come back. */
  duck(on) {
    this.ducked = on;
    this.#level();
  }

  #build() {
    const context = this.context;
    const master = context.createGain();
    master.gain.value = 0.9;
    const limiter = context.createDynamicsCompressor();
    limiter.threshold.value = -10;
    limiter.ratio.value = 8;
    limiter.attack.value = 0.003;
    limiter.release.value = 0.15;
    const room = context.createConvolver();
    room.buffer = roomOf(context);
    const wet = context.createGain();
    wet.gain.value = 0.16;
    this.analyser = context.createAnalyser();
    master.connect(limiter);
    master.connect(room).connect(wet).connect(limiter);
    limiter.connect(this.analyser).connect(context.destination);
    for (const voice of Object.keys(this.settings)) {
      const gain = context.createGain();
      gain.connect(master);
      this.voices.set(voice, { gain });
    }
    this.archive = context.createGain();
    this.archive.connect(master);
    this.#level();
  }

  #level() {
    if (!this.context) return;
    const solo = Object.values(this.settings).some((voice) => voice.solo);
    for (const [name, voice] of Object.entries(this.settings)) {
      const heard = !voice.muted && (!solo || voice.solo) && !(this.ducked && name !== "you");
      const gain = this.voices.get(name).gain.gain;
      gain.setTargetAtTime(heard ? voice.volume ** 2 : 0, this.context.currentTime, 0.015);
    }
  }

  async #load() {
    const wanted = new Set(Object.values(this.settings).flatMap(({ sound }) => filesOf(sound)));
    const missing = [...wanted].filter((file) => !this.buffers.has(file));
    await Promise.all(missing.map((file) => this.#fetch(file)));
  }

  async #fetch(file) {
    const answer = await fetch(`sounds/${file}.mp3`);
    if (!answer.ok) return;
    const buffer = await this.context.decodeAudioData(await answer.arrayBuffer());
    this.buffers.set(file, { buffer, onset: onsetOf(buffer) });
  }
}

class SoundingNote {
  constructor(context, sample, recorded, velocity, at) {
    this.context = context;
    this.release = sample.release;
    this.at = Math.max(at, context.currentTime);
    this.source = context.createBufferSource();
    this.source.buffer = recorded.buffer;
    this.source.playbackRate.value = sample.rate;
    this.tone = context.createBiquadFilter();
    this.tone.type = "lowpass";
    this.tone.frequency.value = 1500 + 90 * velocity;
    this.level = context.createGain();
    this.level.gain.value = sample.gain * (velocity / 127) ** 1.5;
    this.envelope = context.createGain();
    this.source.connect(this.tone).connect(this.level).connect(this.envelope);
    this.source.start(this.at, recorded.onset);
  }

  connect(to) {
    this.envelope.connect(to);
  }

  /** It is let go at this moment; said again, at that one instead. */
  end(at) {
    if (this.release === null) return; // a drum rings
    const now = this.context.currentTime;
    if (this.ends !== undefined && this.ends <= now) return;
    this.ends = Math.max(at, now);
    const gain = this.envelope.gain;
    gain.cancelScheduledValues(now);
    gain.setTargetAtTime(0, this.ends, this.release);
    this.source.stop(this.ends + RELEASE_SPANS * this.release);
  }

  /** It is not to sound, or to sound any longer. */
  cut() {
    const now = this.context.currentTime;
    this.envelope.gain.cancelScheduledValues(now);
    this.envelope.gain.setTargetAtTime(0, now, 0.008);
    this.source.stop(this.at > now ? now : now + 0.06);
  }
}

function onsetOf(buffer) {
  const samples = buffer.getChannelData(0);
  const first = samples.findIndex((sample) => Math.abs(sample) > AUDIBLE);
  return Math.max(first, 0) / buffer.sampleRate;
}

/** The echo of a small room: noise that dies away, the same each time. */
function roomOf(context) {
  const length = Math.round(ROOM_SECONDS * context.sampleRate);
  const buffer = context.createBuffer(2, length, context.sampleRate);
  let seed = 1;
  for (let channel = 0; channel < 2; channel++) {
    const data = buffer.getChannelData(channel);
    for (let i = 0; i < length; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      data[i] = (seed / 2 ** 31 - 1) * (1 - i / length) ** 3;
    }
  }
  return buffer;
}
