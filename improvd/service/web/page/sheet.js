// The chart: where a beat is in it, and how a chord symbol is set.

const PARTS = /^([A-G])([b#♭♯]*)(.*?)(?:\/([A-G])([b#♭♯]*))?$/;
const SIGNS = { b: "♭", "#": "♯" };

/** Bar and beat in it of a beat of the song, and the chord that begins there, if one does. */
export function barAt(sheet, beat) {
  const { bar, inBar } = place(sheet, beat);
  const count = sheet.bars.length;
  const written = ((bar % count) + count) % count;
  const chord = sheet.bars[written].find(([at]) => at > inBar - 0.5 && at <= inBar + 0.5);
  return { bar, written, inBar, chord: chord?.[1] };
}

/** The chord that the chart has in a beat, however long ago it began. */
export function chordAt(sheet, beat) {
  const { written, inBar } = barAt(sheet, beat);
  const begun = sheet.bars[written].filter(([at]) => at <= inBar + 0.01);
  if (begun.length) return begun.at(-1)[1];
  const before = sheet.bars.slice(0, written).findLast((bar) => bar.length) ?? sheet.bars.findLast((bar) => bar.length);
  return before?.at(-1)[1];
}

/** How many beats a bar has. */
export function beatsIn(sheet, bar) {
  if (!sheet.starts?.length) return sheet.beats_per_bar;
  return (sheet.starts[bar + 1] ?? sheet.beats) - sheet.starts[bar];
}

function place(sheet, beat) {
  if (!sheet.starts?.length || beat < 0) {
    const bar = Math.floor(beat / sheet.beats_per_bar);
    return { bar, inBar: beat - bar * sheet.beats_per_bar };
  }
  const chorus = Math.floor(beat / sheet.beats);
  const within = beat - chorus * sheet.beats;
  const written = sheet.starts.findLastIndex((start) => start <= within);
  return { bar: chorus * sheet.bars.length + written, inBar: within - sheet.starts[written] };
}

/** A chord symbol in its parts: root, what is set small and high, and the bass. */
export function parts(symbol) {
  const found = PARTS.exec(symbol);
  if (!found) return { root: symbol, rest: "", bass: "" };
  const [, root, sign, rest, bass, bassSign] = found;
  return { root: root + signs(sign), rest: pretty(rest), bass: bass ? bass + signs(bassSign) : "" };
}

function signs(text) {
  return text.replace(/[b#]/g, (sign) => SIGNS[sign]);
}

function pretty(rest) {
  return rest
    .replace(/maj/g, "△")
    .replace(/m7b5/, "ø7")
    .replace(/dim/, "°")
    .replace(/([b#])(?=\d)/g, (sign) => SIGNS[sign])
    .replace(/△7/, "△7");
}

/** A chord symbol as elements. */
export function chordElement(symbol) {
  const { root, rest, bass } = parts(symbol);
  const chord = document.createElement("span");
  chord.className = "chord";
  chord.append(root);
  if (rest) {
    const small = document.createElement("sup");
    small.textContent = rest;
    chord.append(small);
  }
  if (bass) chord.append(`/${bass}`);
  return chord;
}

/** A chord symbol on a canvas; the size is the root's, in pixels. */
export function typeset(context, symbol, x, y, size) {
  const { root, rest, bass } = parts(symbol);
  context.textAlign = "left";
  context.font = `600 ${size}px Georgia, "Times New Roman", serif`;
  context.fillText(root, x, y);
  x += context.measureText(root).width + 1;
  if (rest) {
    context.font = `600 ${Math.round(size * 0.68)}px Georgia, "Times New Roman", serif`;
    context.fillText(rest, x, y - size * 0.28);
    x += context.measureText(rest).width;
  }
  if (bass) {
    context.font = `600 ${Math.round(size * 0.85)}px Georgia, "Times New Roman", serif`;
    context.fillText(`/${bass}`, x, y);
  }
}

/** The chart in the page: one item a bar; the present one is marked by `mark`. */
export class ChartView {
  constructor(list) {
    this.list = list;
    this.marked = -1;
  }

  show(sheet) {
    this.sheet = sheet;
    this.marked = -1;
    const sections = new Map(sheet.sections);
    this.list.replaceChildren(
      ...sheet.bars.map((bar, index) => {
        const item = document.createElement("li");
        if (sections.has(index)) {
          const name = document.createElement("b");
          name.className = "section";
          name.textContent = sections.get(index);
          item.append(name);
        }
        for (const [at, symbol] of bar) {
          const chord = chordElement(symbol);
          chord.style.gridColumnStart = String(Math.round((at / beatsIn(sheet, index)) * 12) + 1);
          item.append(chord);
        }
        return item;
      }),
    );
  }

  /** This beat of the song is played; nothing is, for null. */
  mark(beat) {
    if (!this.sheet) return;
    const bar = beat === null || beat < 0 ? -1 : barAt(this.sheet, beat).written;
    if (bar === this.marked) return;
    this.list.children[this.marked]?.removeAttribute("aria-current");
    const item = this.list.children[bar];
    item?.setAttribute("aria-current", "true");
    if (item && this.list.scrollHeight > this.list.clientHeight + 4) {
      this.list.scrollTop = item.offsetTop - this.list.offsetTop - this.list.clientHeight / 3;
    }
    this.marked = bar;
  }
}
