// Steering: every control gives an order, as `improvd ctl` would, and shows what came of it.

import { tunesIn } from "./ireal.js";

const LARGEST_FILE = 1 << 23;
const CHECK_AFTER_MS = 250;
const TAPS = 5;
const TAP_GAP_MS = 2500;

const element = (id) => document.getElementById(id);

export class Steering {
  constructor(link, said) {
    this.link = link;
    this.said = said;
    this.taps = [];
    for (const button of document.querySelectorAll("[data-order]")) {
      button.addEventListener("click", () => this.give(button.dataset.order));
    }
    this.#tempo();
    this.#modes();
    this.#chart();
    this.#more();
  }

  /** Give an order; whether it was carried out. */
  async give(text) {
    const { ok, text: answer } = await this.link.order(text);
    this.said(answer, ok);
    return ok;
  }

  /** What there is to choose from. */
  greet(hello) {
    element("charts").replaceChildren(
      new Option("choose", ""),
      ...hello.charts.map((name) => new Option(name.replaceAll("-", " "), name)),
    );
    element("model").replaceChildren(...hello.models.map((name) => new Option(name)));
    element("orders").replaceChildren(
      ...hello.orders.map(([word, takes, , help]) => {
        const option = new Option(help, takes ? `${word} ` : word);
        return option;
      }),
    );
    this.#slide("respond", hello.respond);
    this.#slide("temperature", hello.temperature, "the model's own");
    this.#slide("low", hello.low);
    this.#slide("high", hello.high);
  }

  /** How things stand. */
  show(status) {
    const tempo = element("tempo");
    if (document.activeElement !== tempo) tempo.value = String(Math.round(status.bpm * 10) / 10);
    const [mode, bars] = status.mode.split(" ");
    for (const button of element("modes").children) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    }
    if (bars && document.activeElement !== element("trade")) element("trade").value = bars;
    element("mode-word").textContent = status.mode;
    element("set-box").hidden = !status.tunes;
    const then = status.coming ? `, then ${status.coming}` : "";
    element("set-said").textContent = status.tune ? `tune ${status.tune} of ${status.tunes}${then}` : "";
    element("mute").setAttribute("aria-pressed", String(status.muted));
    const model = element("model");
    if (status.model && document.activeElement !== model) {
      if (![...model.options].some((option) => option.value === status.model)) {
        model.append(new Option(status.model));
      }
      model.value = status.model;
    }
  }

  /** The chart that is played is what there is to change. */
  chart(text) {
    const written = element("chart-text");
    if (document.activeElement !== written) {
      written.value = text;
      this.#marks(null);
      element("chart-apply").disabled = true;
      element("chart-said").textContent = "";
    }
  }

  #tempo() {
    const tempo = element("tempo");
    tempo.addEventListener("change", () => tempo.value && this.give(`tempo ${tempo.value}`));
    element("tap").addEventListener("pointerdown", (event) => this.#tap(event.timeStamp));
    element("tap").addEventListener("click", (event) => {
      if (event.detail === 0) this.#tap(event.timeStamp); // by the keyboard
    });
  }

  #tap(now) {
    if (now - (this.taps.at(-1) ?? 0) > TAP_GAP_MS) this.taps = [];
    this.taps.push(now);
    if (this.taps.length > TAPS) this.taps.shift();
    if (this.taps.length < 3) return;
    const beat = (this.taps.at(-1) - this.taps[0]) / (this.taps.length - 1);
    const bpm = Math.min(Math.max(60000 / beat, 20), 400);
    this.give(`tempo ${bpm.toFixed(1)}`);
  }

  #modes() {
    const trade = element("trade");
    for (const button of element("modes").children) {
      button.addEventListener("click", () => {
        const { mode } = button.dataset;
        this.give(mode === "trade" ? `mode trade ${trade.value || 4}` : `mode ${mode}`);
      });
    }
    trade.addEventListener("change", () => this.give(`mode trade ${trade.value || 4}`));
  }

  #chart() {
    const text = element("chart-text");
    const apply = element("chart-apply");
    let timer;
    text.addEventListener("input", () => {
      clearTimeout(timer);
      apply.disabled = true;
      timer = setTimeout(() => this.#check(), CHECK_AFTER_MS);
    });
    element("charts").addEventListener("change", async ({ target }) => {
      if (!target.value) return;
      const found = await this.link.check(target.value);
      if (!found.ok) return this.said(found.error ?? found.text, false);
      text.value = found.text;
      target.value = "";
      this.#check();
    });
    apply.addEventListener("click", async () => {
      if (await this.give(`chart ${text.value}`)) apply.disabled = true;
    });
    text.addEventListener("paste", (event) => {
      const { clipboardData: pasted } = event;
      if (this.#offer(`${pasted.getData("text/html")} ${pasted.getData("text/plain")}`)) event.preventDefault();
    });
    const tunes = element("tunes");
    tunes.addEventListener("change", () => tunes.value && this.#take(tunes.value));
    this.#drops(element("chart-box"));
  }

  /** A link, or a file with one or with a chart, may be dropped anywhere on the page. */
  #drops(box) {
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      box.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget ?? box.classList.remove("dropping"));
    document.addEventListener("drop", async (event) => {
      box.classList.remove("dropping");
      const [file] = event.dataTransfer.files;
      const kinds = ["text/html", "text/uri-list", "text/plain"];
      const text = file ? "" : kinds.map((kind) => event.dataTransfer.getData(kind)).join(" ");
      // Words that are moved within a field are the browser's business.
      if (!file && !tunesIn(text) && event.target.closest("input, textarea")) return;
      event.preventDefault();
      if (file?.size > LARGEST_FILE) return this.said(`${file.name} is larger than any list of tunes.`, false);
      const dropped = file ? await file.text() : text;
      if (this.#offer(dropped) || !file) return;
      element("chart-text").value = dropped;
      this.#check();
    });
  }

  /** Take the tune of a link in a text, or have one chosen of several; whether there is a link. */
  #offer(text) {
    const tunes = tunesIn(text);
    if (!tunes) return false;
    element("tunes-box").hidden = tunes.length < 2;
    element("tunes-count").textContent = `${tunes.length.toLocaleString()} tunes`;
    element("tunes").replaceChildren(new Option("choose", ""), ...tunes.map(({ title, link }) => new Option(title, link)));
    if (tunes.length === 1) this.#take(tunes[0].link);
    else if (tunes.length) this.said(`${tunes.length.toLocaleString()} tunes: choose one of them.`);
    else this.said("The iReal Pro link holds no tune: it may have been cut off.", false);
    return true;
  }

  /** Write down a tune of a link as a chart. */
  async #take(link) {
    const found = await this.link.check(link);
    if (!found.ok) return this.said(found.error ?? found.text, false);
    element("chart-text").value = found.text;
    this.#check();
  }

  async #check() {
    const text = element("chart-text").value;
    if (this.#offer(text)) return;
    const found = await this.link.check(text);
    if (text !== element("chart-text").value) return; // typed on meanwhile
    element("chart-apply").disabled = !found.ok;
    const said = element("chart-said");
    said.classList.toggle("wrong", !found.ok);
    said.textContent = found.ok ? `${found.bars} bars. They take over on the next bar line.` : (found.error ?? found.text);
    element("chart-text").setAttribute("aria-invalid", String(!found.ok));
    this.#marks(found.ok ? null : found.bar);
  }

  /** The bars as they were typed, the wrong one marked; none for null. */
  #marks(wrong) {
    const marks = element("chart-marks");
    if (!wrong) return marks.replaceChildren();
    const lines = element("chart-text").value.split("\n").filter((line) => line.includes("|"));
    const bars = lines.flatMap((line) => line.split(/[|:[\]]+/).map((bar) => bar.trim()).filter(Boolean));
    marks.replaceChildren(
      ...bars.map((bar, index) => {
        const mark = document.createElement("span");
        mark.textContent = bar;
        mark.classList.toggle("wrong", index + 1 === wrong);
        return mark;
      }),
    );
  }

  #more() {
    element("model").addEventListener("change", ({ target }) => this.give(`model ${target.value}`));
    for (const key of ["respond", "temperature"]) {
      element(key).addEventListener("change", ({ target }) => this.give(`${key} ${target.value}`));
    }
    for (const key of ["low", "high"]) {
      element(key).addEventListener("change", () => this.give(`register ${element("low").value} ${element("high").value}`));
    }
    for (const key of ["respond", "temperature", "low", "high"]) {
      element(key).addEventListener("input", () => this.#sayValue(key));
    }
    element("any").addEventListener("submit", async (event) => {
      event.preventDefault();
      const order = element("order");
      if (order.value.trim() && (await this.give(order.value.trim()))) order.value = "";
    });
  }

  #slide(key, value, unset = "") {
    if (value !== null) element(key).value = String(value);
    this.#sayValue(key);
    if (value === null) element(`${key}-said`).textContent = unset;
  }

  #sayValue(key) {
    const { value } = element(key);
    const names = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
    const pitch = key === "low" || key === "high";
    element(`${key}-said`).textContent = pitch ? `${names[value % 12]}${Math.floor(value / 12) - 1}` : value;
  }
}

/** A fader, a mute, a solo and a choice of sound for each voice. */
export function mixer(box, sound, soundName) {
  const rows = Object.entries(sound.settings).map(([voice, setting]) => {
    const row = document.createElement("div");
    row.className = "fader";
    row.dataset.voice = voice;
    row.hidden = Boolean(setting.band);
    const name = document.createElement("span");
    name.textContent = setting.label;
    const volume = document.createElement("input");
    Object.assign(volume, { type: "range", min: "0", max: "1", step: "0.05", value: String(setting.volume) });
    volume.setAttribute("aria-label", `volume of ${setting.label}`);
    volume.addEventListener("input", () => sound.set(voice, { volume: Number(volume.value) }));
    const choice = document.createElement("select");
    choice.setAttribute("aria-label", `sound of ${setting.label}`);
    choice.append(...setting.choice.map((each) => new Option(soundName(each), each, false, each === setting.sound)));
    choice.hidden = setting.choice.length < 2;
    choice.addEventListener("change", () => sound.set(voice, { sound: choice.value }));
    row.append(name, volume, toggle("mute", voice, setting, sound), toggle("solo", voice, setting, sound), choice);
    return row;
  });
  box.replaceChildren(...rows);
}

function toggle(kind, voice, setting, sound) {
  const key = kind === "mute" ? "muted" : "solo";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = kind;
  button.setAttribute("aria-label", `${kind} ${setting.label}`);
  const show = () => button.setAttribute("aria-pressed", String(Boolean(sound.settings[voice][key])));
  button.addEventListener("click", () => {
    sound.set(voice, { [key]: !sound.settings[voice][key] });
    show();
  });
  show();
  return button;
}
