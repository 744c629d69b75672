// What everybody plays, as it is told: notes that are due, that were sent, that were heard. It knows
// when each is heard here, has it sound then, and keeps what the piano roll draws.

import { voiceOf } from "./voices.js";

// From a note's due time to its sound: what the way here and the audio clock may take. It grows
// where notes come too late for it, and shrinks again so slowly that no beat is heard to be short.
const FIRST_DELAY = 60;
const LEAST_DELAY = 40;
const MOST_DELAY = 500;
const SLACK = 12;
const LATE_AMONG = 12;
const SURE_AFTER = 24;
const SPARE = 15;
const SHRINKS = 0.5;
// Later than this a note would be heard as a mistake.
const TOO_LATE = 45;
const KEPT_MS = 30000;
const NOTE_OFF = 0x80;
const NOTE_ON = 0x90;

export class Band {
  constructor(clock, sound) {
    this.clock = clock;
    this.sound = sound;
    this.delay = this.wanted = FIRST_DELAY;
    this.slacks = [];
    this.channel = 0;
    this.channels = undefined;
    this.muted = false;
    this.clear();
  }

  /** Nobody plays any more, or another band. */
  clear() {
    this.notes = [];
    this.planned = new Map();
    this.sounding = new Map();
    this.held = new Map();
    this.time = null;
    this.sound.silence();
  }

  /** The service's moment that is heard and shown just now. */
  get now() {
    return this.clock.theirs(performance.now()) - this.delay - this.sound.latency * 1000;
  }

  /** What is due: notes that are planned, and when those that sound will end. */
  due(frame) {
    this.time = frame;
    const now = this.clock.theirs(performance.now());
    const listed = new Set();
    let least = Infinity;
    for (const [name, starts, ends, channel, pitch, velocity] of frame.notes) {
      listed.add(name);
      const known = this.planned.get(name);
      if (known) {
        this.#endAt(known, ends);
      } else {
        least = Math.min(least, this.#plan({ name, starts, ends, channel, pitch, velocity }));
      }
    }
    this.#adapt(least);
    for (const [channel, pitch, ends] of frame.ends) {
      const note = this.sounding.get(`${channel}.${pitch}`);
      if (note) this.#endAt(note, ends);
    }
    for (const [name, note] of this.planned) {
      if (listed.has(name)) continue;
      this.planned.delete(name);
      if (note.starts > now) this.#drop(note);
    }
  }

  /** What has left the player: the truth, where it is another one than the plan. */
  sent(messages) {
    for (const [due, , [status, pitch, velocity]] of messages) {
      const kind = status & 0xf0;
      const key = `${status & 0x0f}.${pitch}`;
      if (kind === NOTE_ON && velocity > 0) {
        const note = this.notes.findLast((n) => n.key === key && Math.abs(n.starts - due) < 2);
        if (note) note.sent = true;
        else this.#plan({ name: `s${due}.${key}`, starts: due, ends: due + 4000, channel: status & 0x0f, pitch, velocity });
      } else if (kind === NOTE_OFF || kind === NOTE_ON) {
        const note = this.sounding.get(key);
        if (note && note.starts <= due && note.ends > due + 1) this.#endAt(note, due);
      } else if (kind === 0xb0 && (pitch === 120 || pitch === 123)) {
        for (const note of this.sounding.values()) this.#endAt(note, due);
      }
    }
  }

  /** What somebody else played: a port, or another page. */
  heard(messages, me) {
    for (const [at, message, by] of messages) {
      if (by === me) continue; // our own hands, which sounded at once
      this.strike("others", at, message, false);
    }
  }

  /** A key moved: by our own hands at once, by others' when it is heard. */
  strike(voice, at, [status, pitch, velocity], own = true) {
    const kind = status & 0xf0;
    const key = `${voice}.${pitch}`;
    const before = this.held.get(key);
    if (kind === NOTE_ON && velocity > 0) {
      if (before) this.#letGo(before, at, own);
      const note = { voice, key, starts: at, ends: Infinity, pitch, velocity };
      if (this.sound.isOn) {
        const now = this.sound.context.currentTime;
        const when = own ? now : this.#when(at);
        if ((now - when) * 1000 < TOO_LATE) note.sound = this.sound.play(voice, pitch, velocity, when);
      }
      this.held.set(key, note);
      this.#keep(note);
    } else if ((kind === NOTE_OFF || kind === NOTE_ON) && before) {
      this.held.delete(key);
      if (this.pedal && voice === "you") (this.lifted ??= []).push(before);
      else this.#letGo(before, at, own);
    } else if (kind === 0xb0 && pitch === 64 && voice === "you") {
      this.pedal = velocity >= 64;
      if (!this.pedal) {
        for (const note of this.lifted ?? []) this.#letGo(note, at, own);
        this.lifted = [];
      }
    }
  }

  #letGo(note, at, own) {
    note.ends = Math.max(at, note.starts + 1);
    note.sound?.end(own ? this.sound.context.currentTime : this.#when(at));
  }

  /** Returns how many milliseconds too early it was told, where it is to sound. */
  #plan(note) {
    note.key = `${note.channel}.${note.pitch}`;
    note.voice = voiceOf(note.channel, this.channel, this.channels);
    const before = this.sounding.get(note.key);
    if (before && before.ends > note.starts) this.#endAt(before, note.starts);
    this.planned.set(note.name, note);
    this.sounding.set(note.key, note);
    this.#keep(note);
    if (!this.sound.isOn || this.muted || !this.clock.settled) return Infinity;
    const at = this.#when(note.starts);
    const slack = (at - this.sound.context.currentTime) * 1000;
    note.delay = this.delay;
    note.late = slack < 0;
    if (slack > -TOO_LATE) {
      note.sound = this.sound.play(note.voice, note.pitch, note.velocity, at, this.#when(note.ends));
    }
    return slack;
  }

  #when(theirs) {
    return this.sound.when(this.clock.ours(theirs) + this.delay);
  }

  #endAt(note, ends) {
    if (Math.abs(note.ends - ends) < 0.5) return;
    note.ends = ends;
    note.sound?.end(this.#when(ends));
  }

  #drop(note) {
    note.sound?.cut();
    this.notes = this.notes.filter((kept) => kept !== note);
    if (this.sounding.get(note.key) === note) this.sounding.delete(note.key);
  }

  #keep(note) {
    this.notes.push(note);
    const oldest = this.now - KEPT_MS;
    if (this.notes[0].starts < oldest - KEPT_MS) {
      this.notes = this.notes.filter((kept) => kept.ends > oldest || kept.starts > oldest);
    }
  }

  /** Notes are to come early enough, and no earlier than they must: those told last had this to
   * spare at the least.
   *
   * What is late alone was held up; of two in a row of a dozen, the lesser says what is missing.
   */
  #adapt(slack) {
    if (slack === Infinity || slack < -MOST_DELAY) return; // silent, or told after a sleep
    this.slacks.push(slack);
    const late = this.slacks.slice(-LATE_AMONG).filter((each) => each < SLACK);
    if (late.length > 1) {
      this.delay = Math.min(this.delay + SLACK - Math.max(...late) + 3, MOST_DELAY);
      this.wanted = this.delay;
      this.slacks = [];
    } else if (this.slacks.length >= SURE_AFTER) {
      const spare = this.slacks.sort((one, other) => one - other)[1] - SLACK;
      this.wanted = spare > SPARE ? Math.max(this.delay - spare / 3, LEAST_DELAY) : this.delay;
      this.slacks = [];
    }
    if (this.delay > this.wanted) this.delay = Math.max(this.delay - SHRINKS, this.wanted);
  }
}
