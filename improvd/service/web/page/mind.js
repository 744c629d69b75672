// Inside the network: the ten likeliest values as small figures, its state, its surprise; and how
// late notes left.

import { sized } from "./roll.js";

const LIKELIEST = 10;
const SURPRISES = 32;
const LATE = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, Infinity]; // ms
const NAMES = { 0: "rest", 1: "hold" };

export class Mind {
  constructor(elements, colours) {
    this.elements = elements;
    this.colours = colours;
    this.figures = [];
    this.surprises = [];
    this.heardBeats = new Set();
    this.late = new Array(LATE.length).fill(0);
    this.counted = 0;
    this.cells = Array.from({ length: LIKELIEST }, () => this.#cell());
    elements.figures.replaceChildren(...this.cells.map((cell) => cell.box));
  }

  #cell() {
    const box = document.createElement("div");
    const canvas = document.createElement("canvas");
    const share = document.createElement("span");
    const name = document.createElement("span");
    box.className = "figure";
    share.className = "share";
    name.className = "name";
    box.append(canvas, share, name);
    return { box, canvas, share, name };
  }

  /** What it thinks at a beat. */
  think(frame) {
    this.thought = frame;
    if (frame.bits !== null) {
      this.surprises.push({ bits: frame.bits, beat: frame.beat });
      if (this.surprises.length > SURPRISES) this.surprises.shift();
    }
    this.draw();
  }

  /** What led to this beat was played by the musician. */
  heard(beat) {
    this.heardBeats.add(beat);
    if (this.heardBeats.size > 2 * SURPRISES) {
      this.heardBeats.delete(this.heardBeats.values().next().value);
    }
  }

  /** How late notes left, in ms. */
  left(lateness) {
    for (const ms of lateness) this.late[LATE.findIndex((most) => ms <= most)]++;
    this.counted += lateness.length;
    this.#drawLate();
  }

  draw() {
    if (!this.thought || !this.elements.figures.offsetParent) return;
    this.#drawFigures();
    this.#drawStrips();
    this.#drawSurprise();
    this.#drawLate();
  }

  #drawFigures() {
    const { likeliest, value } = this.thought;
    this.cells.forEach(({ box, canvas, share, name }, index) => {
      const [which, part] = likeliest[index] ?? [null, 0];
      box.classList.toggle("argmax", index === 0);
      box.classList.toggle("picked", which === value && value !== null);
      share.textContent = `${part >= 0.0995 ? Math.round(part * 100) : (part * 100).toFixed(1)} %`;
      const played = which === value && value !== null;
      name.textContent = [index === 0 && "argmax", played && (index ? "played" : "♪")].filter(Boolean).join(" ");
      const said = NAMES[which] ?? `value ${which}`;
      box.title = `${said}, ${(part * 100).toFixed(1)} %`;
      this.#drawFigure(canvas, which, part, index === 0);
    });
  }

  #drawFigure(canvas, which, part, best) {
    const { context, width, height } = sized(canvas);
    const colours = this.colours();
    context.clearRect(0, 0, width, height);
    context.fillStyle = best ? colours.brassTint : colours.barTint;
    context.fillRect(0, height * (1 - part), width, height * part);
    const notes = this.figures[which] ?? [];
    context.fillStyle = colours.brass;
    context.strokeStyle = colours.brass;
    if (which === 0) {
      context.fillStyle = colours.soft;
      context.fillRect(width / 2 - 7, height / 2 - 2, 14, 4);
    } else if (which === 1) {
      context.lineWidth = 2;
      context.beginPath();
      context.arc(width / 2, height / 2 - 8, 14, 0.2 * Math.PI, 0.8 * Math.PI);
      context.stroke();
    }
    let rung = 0;
    const rungs = notes.map(([, step]) => (rung += step));
    const high = Math.max(2, ...rungs);
    const low = Math.min(-2, ...rungs);
    const row = Math.min((height - 10) / (high - low + 1), 7);
    const middle = (height - row * (high - low + 1)) / 2;
    notes.forEach(([tick], index) => {
      const next = notes[index + 1]?.[0] ?? 12;
      const left = 4 + (tick / 12) * (width - 8);
      const wide = ((next - tick) / 12) * (width - 8) - 2;
      context.beginPath();
      context.roundRect(left, middle + (high - rungs[index]) * row, wide, Math.max(row - 1, 3), 2);
      context.fill();
    });
  }

  #drawStrips() {
    const { context, width, height } = sized(this.elements.strips);
    const colours = this.colours();
    context.clearRect(0, 0, width, height);
    const tall = height / 2 - 3;
    [this.thought.a, this.thought.c].forEach((units, strip) => {
      const wide = width / units.length;
      units.forEach((unit, index) => {
        context.globalAlpha = Math.min(0.06 + Math.abs(unit) / 127, 1);
        context.fillStyle = unit < 0 ? colours.sea : colours.brass;
        context.fillRect(index * wide, strip * (tall + 6), Math.max(wide - 1, 1), tall);
      });
    });
    context.globalAlpha = 1;
  }

  #drawSurprise() {
    const { context, width, height } = sized(this.elements.bits);
    const colours = this.colours();
    context.clearRect(0, 0, width, height);
    const wide = width / SURPRISES;
    const most = Math.max(8, ...this.surprises.map(({ bits }) => bits));
    this.surprises.forEach(({ bits, beat }, index) => {
      const tall = Math.max((bits / most) * (height - 2), 1.5);
      context.fillStyle = this.heardBeats.has(beat) ? colours.sea : colours.brass;
      context.fillRect(index * wide, height - tall, wide - 1.5, tall);
    });
    const latest = this.surprises.at(-1);
    this.elements.bitsNow.textContent = latest ? `${latest.bits.toFixed(1)} bits` : "";
  }

  #drawLate() {
    if (!this.elements.late.offsetParent) return;
    const { context, width, height } = sized(this.elements.late);
    const colours = this.colours();
    context.clearRect(0, 0, width, height);
    const wide = width / LATE.length;
    const most = Math.max(1, ...this.late);
    context.font = "10px system-ui, sans-serif";
    context.textAlign = "center";
    this.late.forEach((count, index) => {
      const tall = count ? Math.max((count / most) * (height - 16), 2) : 0;
      context.fillStyle = LATE[index] > 5 ? colours.rose : colours.leaf;
      context.fillRect(index * wide + 1, height - 14 - tall, wide - 2, tall);
      context.fillStyle = colours.soft;
      const said = LATE[index] === Infinity ? "" : String(LATE[index]).replace("0.", ".");
      if (width > 230 || index % 2 === 0) context.fillText(said, (index + 0.5) * wide, height - 3);
    });
    this.elements.lateNow.textContent = this.counted ? `${this.#quantile(0.5)} ms` : "";
  }

  #quantile(share) {
    let sum = 0;
    for (const [index, count] of this.late.entries()) {
      sum += count;
      if (sum >= share * this.counted) return LATE[index] === Infinity ? "more" : LATE[index];
    }
    return 0;
  }
}
