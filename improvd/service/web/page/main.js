// The live page: what comes over the link is given to those who sound and draw it.

import { Band } from "./band.js";
import { Jams } from "./jams.js";
import { Keys } from "./keys.js";
import { Lineup } from "./lineup.js";
import { Link } from "./link.js";
import { MidiInput } from "./midi.js";
import { Mind } from "./mind.js";
import { Roll } from "./roll.js";
import { ChartView, barAt, beatsIn, chordAt, chordElement } from "./sheet.js";
import { Sound } from "./sound.js";
import { Steering, mixer } from "./steer.js";
import { soundName } from "./voices.js";

const TURN_WORDS = { play: "improvd", listen: "you", count: "count-in", wait: "waiting", none: "\u00a0" };
const TURN_MORE = { play: "plays", listen: "your turn", count: "it listens first", wait: "for the clock's Start", none: "\u00a0" };
const TURNS_KEPT = 64;
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const SAID_FOR_MS = 6000;
const ABSENT = "improvd is not there. This page comes back by itself as soon as it is.";
const ENDED = "improvd has ended. This page comes back by itself when it plays again.";

const element = (id) => document.getElementById(id);
const pitchName = (pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

// -- what it looks like ------------------------------------------------------------------------

let palette = null;

function colours() {
  if (palette) return palette;
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(`--${name}`).trim();
  palette = Object.fromEntries(
    ["ink", "soft", "line", "brass", "sea", "rose", "slate", "leaf", "brassTint", "seaTint", "barTint"].map((name) => [
      name,
      read(name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
    ]),
  );
  Object.assign(palette, {
    improvd: palette.brass, you: palette.sea, others: palette.sea,
    piano: palette.rose, bass: palette.slate, drums: palette.leaf,
  });
  return palette;
}

function useTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  palette = null;
  mind.draw();
}

function useView(view) {
  document.body.dataset.view = view;
  element("view-full").setAttribute("aria-pressed", String(view === "full"));
  element("view-stand").setAttribute("aria-pressed", String(view === "stand"));
  requestAnimationFrame(() => mind.draw());
}

let silentSince;

function say(text, ok = true) {
  const said = element("said");
  said.textContent = text;
  said.classList.toggle("wrong", !ok);
  said.classList.add("shown");
  clearTimeout(silentSince);
  silentSince = setTimeout(() => said.classList.remove("shown"), SAID_FOR_MS);
}

function warn(text) {
  const banner = element("banner");
  banner.textContent = text ?? "";
  banner.hidden = !text;
}

// -- who is there ------------------------------------------------------------------------------

const sound = new Sound();
const turns = new Map();
const beats = new Map();
let me = 0;
let sheet = null;
let status = null;
let ended = false;
let struck = "a note";

const roll = new Roll(element("roll"), colours);
const chart = new ChartView(element("bars"));
const mind = new Mind(
  {
    figures: element("figures"), strips: element("strips"), bits: element("bits"), late: element("late"),
    bitsNow: element("bits-now"), lateNow: element("late-now"),
  },
  colours,
);

const link = new Link({
  here() {
    ended = false;
    warn(null);
  },
  gone: () => gone(ended ? ENDED : ABSENT),
  bye() {
    ended = true;
    gone(ENDED);
  },
  hello(frame) {
    if (otherVersion(frame.version)) return;
    me = frame.you;
    band.channel = jams.channel = frame.channel;
    steering.greet(frame);
    lineup.greet(frame.feels);
  },
  status: showStatus,
  sheet(frame) {
    sheet = frame;
    chart.show(frame);
    element("title").textContent = (frame.tune ? `${frame.tune}. ` : "") + (frame.title || "your chart");
    element("next-tune").hidden = !frame.tune;
    steering.chart(frame.text);
  },
  figures(frame) {
    mind.figures = frame.figures;
  },
  due(frame) {
    if (band.time && Math.abs(frame.origin - band.time.origin) > 4 * frame.beat_ms) turns.clear();
    band.due(frame);
  },
  mind: (frame) => mind.think(frame),
  sent(frame) {
    band.sent(frame.m);
    mind.left(frame.m.map(([due, sent]) => Math.max(sent - due, 0)));
  },
  heard: (frame) => band.heard(frame.m, me),
  beat(frame) {
    const counting = frame.bar < 1;
    beats.set(frame.number, frame);
    turns.set(frame.number, counting ? "count" : frame.turn);
    for (const kept of [beats, turns]) {
      if (kept.size > TURNS_KEPT) kept.delete(kept.keys().next().value);
    }
    if (frame.heard) mind.heard(frame.number);
    if (frame.heard || frame.yours.length) {
      if (frame.yours.length) struck = frame.yours.map(pitchName).join(" ");
      const notes = frame.yours.length ? struck : `${struck}, held`;
      element("heard").textContent = frame.x === null ? notes : `${notes} → value ${frame.x}`;
    }
  },
  say: (frame) => say(frame.text),
});

const band = new Band(link.clock, sound);
const steering = new Steering(link, say);
const lineup = new Lineup(element("lineup"), element("feel"), (order) => steering.give(order));
const jams = new Jams(element("jams-box"), element("jam-roll"), element("jams"), sound, colours, say);
const keys = new Keys(element("piano"), strike);
new MidiInput(element("midi"), element("midi-box"), strike, (text) => say(text, false));
mixer(element("mixer"), sound, soundName);

// -- what happens ------------------------------------------------------------------------------

function gone(why) {
  band.clear();
  turns.clear();
  beats.clear();
  status = null;
  warn(why);
}

/** A page of another version than the service loads itself again, and not for ever. */
function otherVersion(version) {
  const ours = document.querySelector('meta[name="improvd-version"]').content;
  if (version === ours || sessionStorage.getItem("reloaded-for") === version) return false;
  sessionStorage.setItem("reloaded-for", version);
  location.reload();
  return true;
}

function showStatus(frame) {
  status = frame;
  if (band.muted !== frame.muted) {
    band.muted = frame.muted;
    if (frame.muted) for (const voice of ["improvd", "piano", "bass", "drums"]) sound.silence(voice);
  }
  steering.show(frame);
  lineup.show(frame);
  showVoices(frame.voices.filter((voice) => voice.on));
  const facts = [`${Math.round(frame.bpm * 10) / 10} BPM`, sheet?.meter, frame.mode, frame.feel];
  element("facts").textContent = facts.filter(Boolean).join(" · ");
  const follows = ["rolling", "armed", "stopped", "resting"].includes(frame.standing);
  element("leader").textContent = follows ? `a MIDI clock's (${frame.standing})` : "improvd's own";
  const ports = [...new Set(frame.peers.map(([, peer]) => peer))];
  const pages = `${frame.pages} ${frame.pages === 1 ? "page" : "pages"}`;
  element("peers").textContent = [pages, ...ports].join(", ");
  if (!frame.up) warn("The player is away for a moment; another one takes its place.");
  else if (link.isOpen) warn(null);
}

/** The voices that play have a colour and a fader, and are told by their channels. */
function showVoices(playing) {
  const others = playing.filter((voice) => voice.name !== "soloist");
  band.channels = new Map(others.map((voice) => [voice.channel, voice.name]));
  for (const name of ["bass", "piano", "drums"]) {
    const hidden = !others.some((voice) => voice.name === name);
    for (const shown of document.querySelectorAll(`.legend [data-voice="${name}"], .mixer [data-voice="${name}"]`)) {
      shown.hidden = hidden;
    }
  }
}

/** A key moved under the musician's hands: it sounds at once, and the player hears of it.
 *
 * They play to what they hear, which is later than it was due by as much as we know.
 */
function strike(message, eventTime) {
  if (!sound.isOn) listen();
  const heardLater = sound.isOn ? band.delay + sound.latency * 1000 : 0;
  const at = link.clock.theirs(eventTime) - heardLater;
  band.strike("you", at, message);
  if (link.clock.known) link.play(at, message);
}

async function listen() {
  try {
    await sound.start();
  } catch {
    say("This browser plays no sound; the rest works.", false);
    element("listen").hidden = true;
    return;
  }
  element("listen").classList.toggle("on", sound.isOn);
  element("listen").querySelector("span").textContent = sound.isOn ? "Listening" : "Listen";
  element("listen").setAttribute("aria-pressed", String(sound.isOn));
}

async function pause() {
  band.sound.silence();
  await sound.context.suspend();
  element("listen").classList.remove("on");
  element("listen").querySelector("span").textContent = "Listen";
  element("listen").setAttribute("aria-pressed", "false");
}

element("listen").addEventListener("click", () => (sound.isOn ? pause() : listen()));
element("octave-down").addEventListener("click", () => (element("octave").textContent = keys.move(-12)));
element("octave-up").addEventListener("click", () => (element("octave").textContent = keys.move(12)));
element("view-full").addEventListener("click", () => useView("full"));
element("view-stand").addEventListener("click", () => useView("stand"));
element("theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).getPropertyValue("--theme").trim() === "dark";
  useTheme(dark ? "light" : "dark");
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => useTheme(null));
// A button that was clicked does not keep the keys: the next one is a note.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button, summary");
  if (button && event.detail > 0) button.blur();
});

// -- each frame --------------------------------------------------------------------------------

let shownBeat = null;
let shownChord = "";

function frame() {
  requestAnimationFrame(frame);
  const time = band.time;
  roll.draw(band, sheet, turns);
  if (!time?.rolling) return showTurn(time ? "wait" : "none");
  const at = (band.now - time.origin) / time.beat_ms;
  const beat = Math.floor(at);
  element("pulse").style.setProperty("--since", (at - beat).toFixed(3));
  if (beat !== shownBeat) showBeat(beat);
}

function showBeat(beat) {
  shownBeat = beat;
  const known = beats.get(beat) ?? beats.get(beat - 1);
  const place = sheet && barAt(sheet, beat);
  element("pulse").dataset.first = String(Boolean(place && place.inBar < 1));
  chart.mark(status?.up === false ? null : beat);
  showTurn(beat < 0 ? "count" : (turns.get(beat) ?? turns.get(beat - 1) ?? "none"));
  if (place) {
    const round = Math.floor(beat / sheet.beats) + 1;
    const where = beat < 0 ? `in ${Math.ceil(-beat)}` : `bar ${place.written + 1} of ${sheet.bars.length}, chorus ${round}`;
    element("place").textContent = where;
    pulseDots(place.inBar, Math.ceil(beatsIn(sheet, place.written)));
  }
  const chord = known?.chord ?? "";
  if (chord !== shownChord) {
    shownChord = chord;
    element("chord").replaceChildren(chord ? chordElement(chord) : "\u00a0");
  }
  // What the hands comp overrules the chart: then it is theirs that everybody plays.
  const written = sheet && known ? chordAt(sheet, known.number) : chord;
  element("from-hands").hidden = !chord || beat < 0 || chord === written;
  if (!sound.settings.click.muted && sound.isOn && place) {
    const now = sound.context.currentTime;
    sound.play("click", place.inBar < 1 ? 76 : 77, place.inBar < 1 ? 110 : 70, now);
  }
  const rtt = link.clock.roundTrip;
  const delay = sound.isOn ? `sound ${Math.round(band.delay + sound.latency * 1000)} ms after` : "no sound yet";
  element("line").textContent = link.isOpen && rtt !== null ? `${rtt.toFixed(1)} ms away · ${delay}` : "";
}

function showTurn(turn) {
  const box = element("turn-box");
  if (box.dataset.turn === turn) return;
  box.dataset.turn = turn;
  document.body.dataset.turn = turn;
  element("turn").textContent = TURN_WORDS[turn];
  element("turn-more").textContent = TURN_MORE[turn];
}

function pulseDots(inBar, count) {
  const pulse = element("pulse");
  if (pulse.childElementCount !== count) {
    pulse.replaceChildren(...Array.from({ length: count }, () => document.createElement("i")));
  }
  [...pulse.children].forEach((dot, index) => dot.classList.toggle("on", index === Math.floor(inBar)));
}

requestAnimationFrame(frame);
// For those who test it: what is heard and drawn.
window.improvd = { band, sound, link, mind };
