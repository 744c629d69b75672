// The piano roll: everybody's notes over bars and chords, what is due drawn ahead of the line.

import { barAt, typeset } from "./sheet.js";

const BEHIND = 6; // beats
const AHEAD = 3;
const LOWEST = 45;
const HIGHEST = 86;
const LANES_HEIGHT = 62;
const LANES = { 36: 1, 35: 1, 38: 3, 40: 3, 37: 3, 42: 5, 44: 5, 46: 5, 51: 7, 53: 7, 59: 7, 49: 8, 57: 8 };

export class Roll {
  constructor(canvas, colours) {
    this.canvas = canvas;
    this.colours = colours;
    this.low = 53;
    this.high = 81;
  }

  /** Draw it as it stands. */
  draw(band, sheet, turns) {
    const { context, width, height } = sized(this.canvas);
    const colours = this.colours();
    context.clearRect(0, 0, width, height);
    const time = band.time;
    if (!time) return this.#quiet(context, width, height, colours);
    const now = band.now;
    const behind = width < 560 ? BEHIND * 0.6 : BEHIND;
    const from = now - behind * time.beat_ms;
    const span = (behind + AHEAD) * time.beat_ms;
    const x = (at) => ((at - from) / span) * width;
    const top = 30;
    const seen = band.notes.filter((note) => note.ends > from && note.starts < from + span);
    this.#fit(seen);
    // The drums have lanes of their own, below all pitches.
    const drums = band.channels && [...band.channels.values()].includes("drums");
    const below = drums ? Math.min(LANES_HEIGHT, height / 4) : 8;
    this.lane = Math.min(LANES_HEIGHT, height / 4) / 10;
    const row = (height - top - below) / (this.high - this.low + 1);
    const y = (pitch) => top + (this.high - pitch) * row;
    this.#turns(context, turns, time, x, from, span, top, height, colours);
    this.#lines(context, y, row, width, colours);
    this.#bars(context, sheet, time, x, from, span, height, top, colours);
    const line = x(now);
    for (const note of seen) this.#note(context, note, now, x, y, row, height, colours);
    this.#line(context, line, top, height, colours);
  }

  #quiet(context, width, height, colours) {
    context.fillStyle = colours.soft;
    context.font = "italic 16px Georgia, serif";
    context.textAlign = "center";
    context.fillText("waiting for the music", width / 2, height / 2);
  }

  /** Room for all pitches that are seen, moving slowly. */
  #fit(notes) {
    const pitches = notes.filter((note) => note.voice !== "drums").map((note) => note.pitch);
    const low = Math.max(Math.min(55, ...pitches) - 2, Math.min(LOWEST, ...pitches) - 1);
    const high = Math.min(Math.max(79, ...pitches) + 2, Math.max(HIGHEST, ...pitches) + 1);
    this.low += (low - this.low) * 0.06;
    this.high += (high - this.high) * 0.06;
  }

  #turns(context, turns, time, x, from, span, top, height, colours) {
    for (const [beat, turn] of turns) {
      const start = time.origin + beat * time.beat_ms;
      if (start + time.beat_ms < from || start > from + span) continue;
      context.fillStyle = turn === "play" ? colours.brassTint : colours.seaTint;
      context.fillRect(x(start), top, x(start + time.beat_ms) - x(start) + 0.5, height - top);
    }
  }

  #lines(context, y, row, width, colours) {
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.globalAlpha = 0.6;
    for (let pitch = Math.ceil(this.low / 12) * 12; pitch <= this.high; pitch += 12) {
      context.beginPath();
      context.moveTo(0, Math.round(y(pitch) + row) + 0.5);
      context.lineTo(width, Math.round(y(pitch) + row) + 0.5);
      context.stroke();
      context.fillStyle = colours.soft;
      context.font = "11px system-ui, sans-serif";
      context.textAlign = "left";
      context.fillText(`C${pitch / 12 - 1}`, 4, y(pitch) + row - 3);
    }
    context.globalAlpha = 1;
  }

  #bars(context, sheet, time, x, from, span, height, top, colours) {
    const first = Math.floor((from - time.origin) / time.beat_ms) - 1;
    const last = Math.ceil((from + span - time.origin) / time.beat_ms);
    for (let beat = first; beat <= last; beat++) {
      const at = Math.round(x(time.origin + beat * time.beat_ms)) + 0.5;
      const place = sheet && barAt(sheet, beat);
      const starts = place ? place.inBar < 1 : beat % 4 === 0;
      context.strokeStyle = colours.line;
      context.globalAlpha = starts ? 1 : 0.45;
      context.lineWidth = starts ? 1.5 : 1;
      context.beginPath();
      context.moveTo(at, starts ? 4 : top);
      context.lineTo(at, height);
      context.stroke();
      context.globalAlpha = 1;
      if (place?.chord) {
        context.fillStyle = beat * time.beat_ms + time.origin > from + span * 0.66 ? colours.soft : colours.ink;
        typeset(context, place.chord, at + 7, 21, 17);
      }
    }
  }

  #note(context, note, now, x, y, row, height, colours) {
    const left = x(note.starts);
    const until = Math.min(note.ends, Math.max(now, note.starts + 30));
    const ahead = note.starts > now;
    const right = x(ahead ? Math.min(note.ends, note.starts + 4000) : note.ends === Infinity ? until : note.ends);
    const colour = colours[note.voice] ?? colours.brass;
    const sounds = note.starts <= now && note.ends > now;
    let up = y(note.pitch) + 1;
    let tall = Math.max(row - 2, 4);
    let wide = Math.max(right - left - 1.5, 4);
    if (note.voice === "drums") {
      up = height - 6 - this.lane * (LANES[note.pitch] ?? 4);
      tall = 4;
      wide = 6;
    }
    context.globalAlpha = ahead ? 0.95 : note.ends < now ? 0.42 + 0.4 * (note.velocity / 127) : 1;
    context.beginPath();
    context.roundRect(left, up, wide, tall, Math.min(tall / 2, 5));
    if (ahead) {
      context.strokeStyle = colour;
      context.lineWidth = 1.6;
      context.stroke();
    } else {
      context.fillStyle = colour;
      if (sounds && note.voice !== "drums") {
        context.shadowColor = colour;
        context.shadowBlur = 14;
      }
      context.fill();
      context.shadowBlur = 0;
    }
    context.globalAlpha = 1;
  }

  #line(context, at, top, height, colours) {
    context.strokeStyle = colours.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(at, top - 4);
    context.lineTo(at, height);
    context.stroke();
    context.fillStyle = colours.ink;
    context.beginPath();
    context.moveTo(at - 5, top - 8);
    context.lineTo(at + 5, top - 8);
    context.lineTo(at, top - 1);
    context.fill();
  }
}

/** A canvas as large as it is shown, on any screen. */
export function sized(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  const [wide, tall] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide;
    canvas.height = tall;
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { context, width, height };
}
