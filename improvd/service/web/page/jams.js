// The jams that were played: listed, drawn, played here, and taken home as .mid files.

import { sized } from "./roll.js";
import { voiceOf } from "./voices.js";

const AHEAD_S = 0.6;
const EVERY_MS = 150;

export class Jams {
  constructor(box, canvas, list, sound, colours, say) {
    Object.assign(this, { list, canvas, sound, colours, say });
    this.channel = 0;
    box.addEventListener("toggle", () => box.open && this.refresh());
  }

  async refresh() {
    const answer = await fetch("jams").catch(() => null);
    if (!answer?.ok) return this.say("The list of jams cannot be had just now.", false);
    const jams = await answer.json();
    this.list.replaceChildren(...jams.map((jam) => this.#row(jam)));
    if (!jams.length) this.list.textContent = "Nothing was played yet.";
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.sound.silence("archive");
    this.sound.duck(false);
    this.playing?.setAttribute("aria-pressed", "false");
    if (this.playing) this.playing.textContent = "Play";
    this.playing = null;
  }

  #row(jam) {
    const row = document.createElement("div");
    row.className = "jam";
    const about = document.createElement("p");
    const when = document.createElement("b");
    when.textContent = new Date(jam.when ?? 0).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const what = document.createElement("span");
    what.className = "soft";
    const length = `${Math.floor(jam.seconds / 60)}:${String(Math.floor(jam.seconds % 60)).padStart(2, "0")}`;
    what.textContent = jam.error ?? [jam.title, length, jam.bpm && `${jam.bpm} BPM`, jam.ending].filter(Boolean).join(" · ");
    about.append(when, " ", what);
    const play = document.createElement("button");
    Object.assign(play, { type: "button", textContent: "Play" });
    play.setAttribute("aria-label", `Play the jam of ${when.textContent}`);
    play.addEventListener("click", () => this.#play(jam.name, play));
    const roll = document.createElement("button");
    Object.assign(roll, { type: "button", textContent: "Roll" });
    roll.setAttribute("aria-label", `Piano roll of the jam of ${when.textContent}`);
    roll.addEventListener("click", async () => this.#draw(await this.#read(jam.name)));
    const take = document.createElement("a");
    take.href = `jams/${jam.name}.mid`;
    take.textContent = ".mid";
    take.download = `improvd-${jam.name}.mid`;
    take.setAttribute("aria-label", `Download as .mid the jam of ${when.textContent}`);
    row.append(about, play, roll, take);
    return row;
  }

  async #read(name) {
    const answer = await fetch(`jams/${name}`).catch(() => null);
    if (answer?.ok) return answer.json();
    this.say(answer ? (await answer.text()).trim() : "improvd is not there.", false);
    return null;
  }

  async #play(name, button) {
    const again = this.playing === button;
    this.stop();
    if (again) return;
    const jam = await this.#read(name);
    if (!jam?.notes.length) return this.say("There is not a note in it.", false);
    await this.sound.start();
    this.playing = button;
    button.textContent = "Stop";
    button.setAttribute("aria-pressed", "true");
    this.sound.duck(true);
    const begin = this.sound.context.currentTime + 0.2 - jam.notes[0][0] / 1000;
    let next = 0;
    const feed = () => {
      const until = this.sound.context.currentTime + AHEAD_S;
      for (; next < jam.notes.length && begin + jam.notes[next][0] / 1000 < until; next++) {
        const [starts, ends, channel, pitch, velocity, theirs] = jam.notes[next];
        const voice = theirs ? "you" : voiceOf(channel, this.channel);
        this.sound.play(voice, pitch, velocity, begin + starts / 1000, begin + ends / 1000, true);
      }
      const last = jam.notes.at(-1)[1] / 1000;
      if (next >= jam.notes.length && this.sound.context.currentTime > begin + last + 0.5) this.stop();
      this.#draw(jam, (this.sound.context.currentTime - begin) * 1000);
    };
    this.timer = setInterval(feed, EVERY_MS);
    feed();
  }

  #draw(jam, now = null) {
    if (!jam) return;
    this.canvas.hidden = false;
    const { context, width, height } = sized(this.canvas);
    const colours = this.colours();
    context.clearRect(0, 0, width, height);
    const pitches = jam.notes.map(([, , , pitch]) => pitch);
    const [low, high] = [Math.min(60, ...pitches) - 1, Math.max(72, ...pitches) + 1];
    const end = Math.max(1, ...jam.notes.map(([, ends]) => ends));
    const row = height / (high - low + 1);
    context.strokeStyle = colours.line;
    for (const [at, , beat] of jam.beats) {
      if (beat !== 1) continue;
      const x = Math.round((at / end) * width) + 0.5;
      context.beginPath();
      context.moveTo(x, 0);
      context.lineTo(x, height);
      context.stroke();
    }
    for (const [starts, ends, channel, pitch, , theirs] of jam.notes) {
      context.fillStyle = colours[theirs ? "you" : voiceOf(channel, this.channel)];
      context.fillRect((starts / end) * width, (high - pitch) * row, Math.max(((ends - starts) / end) * width, 1.5), Math.max(row - 1, 2));
    }
    if (now !== null) {
      context.fillStyle = colours.ink;
      context.fillRect((now / end) * width, 0, 1.5, height);
    }
  }
}
