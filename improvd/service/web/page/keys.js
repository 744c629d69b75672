// A keyboard on the screen, played by touch, by mouse, and by the computer's keys.

const LOWER = ["KeyZ", "KeyS", "KeyX", "KeyD", "KeyC", "KeyV", "KeyG", "KeyB", "KeyH", "KeyN", "KeyJ", "KeyM", "Comma", "KeyL", "Period", "Semicolon", "Slash"];
const UPPER = ["KeyQ", "Digit2", "KeyW", "Digit3", "KeyE", "KeyR", "Digit5", "KeyT", "Digit6", "KeyY", "Digit7", "KeyU", "KeyI", "Digit9", "KeyO", "Digit0", "KeyP"];
const PLACES = new Map([
  ...LOWER.map((code, place) => [code, place]),
  ...UPPER.map((code, place) => [code, place + 12]),
]);
const BLACK = new Set([1, 3, 6, 8, 10]);
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const PLAIN = 88;
const STRONG = 112;
const LOWEST = 36;
const HIGHEST = 84;
const WIDE = 29;
const NARROW = 13;

export class Keys {
  /** `strike` is called with (message, event time) for each key that moves. */
  constructor(box, strike) {
    this.box = box;
    this.strike = strike;
    this.base = 48;
    this.down = new Map(); // what holds a key: a code or a pointer, to its pitch
    this.letters = new Map();
    this.#letter();
    this.#listen();
    this.draw();
    new ResizeObserver(() => this.draw()).observe(box);
  }

  /** An octave lower or higher. */
  move(by) {
    this.letGo();
    this.base = Math.min(Math.max(this.base + by, LOWEST), HIGHEST - 12);
    this.drawn = 0;
    this.draw();
    return `${NAMES[this.base % 12]}${Math.floor(this.base / 12) - 1}`;
  }

  /** No key is held any more. */
  letGo() {
    for (const holder of [...this.down.keys()]) this.#up(holder, performance.now());
    if (this.pedal) this.#sustain(false, performance.now());
  }

  /** Show a key as sounding, or not, whoever plays it. */
  light(pitch, voice) {
    this.elements?.get(pitch)?.setAttribute("data-lit", voice ?? "");
  }

  draw() {
    const count = this.box.clientWidth < 620 ? NARROW : WIDE;
    if (count === this.drawn) return;
    this.drawn = count;
    this.elements = new Map();
    const whites = [...Array(count).keys()].filter((place) => !BLACK.has((this.base + place) % 12)).length;
    let white = 0;
    const keys = [];
    for (let place = 0; place < count; place++) {
      const pitch = this.base + place;
      const black = BLACK.has(pitch % 12);
      const key = document.createElement("div");
      key.className = black ? "key black" : "key white";
      key.dataset.pitch = String(pitch);
      key.style.left = `${((black ? white - 0.31 : white) / whites) * 100}%`;
      key.style.width = `${((black ? 0.62 : 1) / whites) * 100}%`;
      const letter = document.createElement("span");
      letter.textContent = this.letters.get(place) ?? "";
      key.append(letter);
      if (pitch % 12 === 0) {
        const name = document.createElement("i");
        name.textContent = `C${pitch / 12 - 1}`;
        key.append(name);
      }
      if (!black) white++;
      this.elements.set(pitch, key);
      keys.push(key);
    }
    this.box.replaceChildren(...keys);
  }

  async #letter() {
    const known = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
    const plain = { Comma: ",", Period: ".", Semicolon: ";", Slash: "/" };
    // The upper row begins where the lower one's octave ends; there, its letters are the handier.
    for (const [code, place] of PLACES) {
      if (LOWER.includes(code) && place >= 12) continue;
      const letter = known?.get(code) ?? plain[code] ?? code.replace(/Key|Digit/, "");
      this.letters.set(place, letter.toUpperCase());
    }
    this.drawn = 0;
    this.draw();
  }

  #listen() {
    window.addEventListener("keydown", (event) => this.#key(event, true));
    window.addEventListener("keyup", (event) => this.#key(event, false));
    window.addEventListener("blur", () => this.letGo());
    this.box.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.box.setPointerCapture(event.pointerId);
      this.#touch(event);
    });
    this.box.addEventListener("pointermove", (event) => {
      if (this.down.has(event.pointerId)) this.#touch(event);
    });
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
      this.box.addEventListener(kind, (event) => this.#up(event.pointerId, event.timeStamp));
    }
    this.box.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #key(event, down) {
    if (!down) {
      this.#up(event.code, event.timeStamp);
      if (event.code === "Space" && this.pedal) this.#sustain(false, event.timeStamp);
      return;
    }
    const writing = event.target.closest?.("input, textarea, select");
    if (event.ctrlKey || event.metaKey || event.altKey || (writing && writing.type !== "range")) return;
    if (event.code === "Space" && event.target.closest?.("button, summary, a")) return;
    const place = PLACES.get(event.code);
    if (place !== undefined) {
      event.preventDefault();
      if (!event.repeat) this.#press(event.code, this.base + place, event.shiftKey ? STRONG : PLAIN, event.timeStamp);
    } else if (event.code === "Space") {
      event.preventDefault();
      if (!event.repeat) this.#sustain(true, event.timeStamp);
    } else if (event.code === "BracketLeft" || event.code === "BracketRight") {
      document.getElementById(event.code === "BracketLeft" ? "octave-down" : "octave-up").click();
    }
  }

  #touch(event) {
    const key = document.elementFromPoint(event.clientX, event.clientY)?.closest(".key");
    if (!key) return;
    const pitch = Number(key.dataset.pitch);
    if (this.down.get(event.pointerId) === pitch) return;
    this.#up(event.pointerId, event.timeStamp);
    const { top, height } = key.getBoundingClientRect();
    const low = Math.min(Math.max((event.clientY - top) / height, 0), 1);
    this.#press(event.pointerId, pitch, Math.round(60 + 55 * low), event.timeStamp);
  }

  #press(holder, pitch, velocity, at) {
    if (pitch > 127) return;
    this.down.set(holder, pitch);
    this.elements.get(pitch)?.classList.add("down");
    this.strike([0x90, pitch, velocity], at);
  }

  #up(holder, at) {
    const pitch = this.down.get(holder);
    if (pitch === undefined) return;
    this.down.delete(holder);
    if ([...this.down.values()].includes(pitch)) return;
    this.elements.get(pitch)?.classList.remove("down");
    this.strike([0x80, pitch, 64], at);
  }

  #sustain(down, at) {
    this.pedal = down;
    this.box.classList.toggle("pedal", down);
    this.strike([0xb0, 64, down ? 127 : 0], at);
  }
}
