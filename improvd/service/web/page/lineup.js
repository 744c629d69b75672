// The band's controls: a row for each voice, which gives the orders that `improvd ctl band` takes.

const BAND = ["bass", "piano", "drums"];

const named = (tag, attributes) => Object.assign(document.createElement(tag), attributes);

export class Lineup {
  /** `give` orders; rows come with the first status. */
  constructor(box, feel, give) {
    Object.assign(this, { box, feel, give });
    this.rows = new Map();
    this.voices = [];
    feel.addEventListener("change", () => give(`feel ${feel.value}`));
  }

  /** What there is to choose from. */
  greet(feels) {
    this.feel.replaceChildren(new Option("as the chart says", "auto"), ...feels.map((name) => new Option(name)));
  }

  /** How things stand. */
  show({ voices, feel, feel_set: set }) {
    this.voices = voices;
    for (const voice of voices) {
      if (!this.rows.has(voice.name)) this.rows.set(voice.name, this.#row(voice.name));
    }
    // The soloists first, then the band in one order, whether it plays or not.
    const place = (name) => BAND.indexOf(name);
    const shown = [...voices].sort((one, other) => place(one.name) - place(other.name));
    const rows = shown.map((voice) => this.rows.get(voice.name).row);
    // Moved only where that has to be: a row that is moved loses the focus.
    if (rows.some((row, index) => this.box.children[index] !== row) || this.box.children.length !== rows.length) {
      this.box.replaceChildren(...rows);
    }
    for (const voice of voices) this.#update(voice);
    if (document.activeElement !== this.feel) this.feel.value = set;
    const auto = this.feel.querySelector('[value="auto"]');
    if (auto) auto.textContent = feel && set === "auto" ? `as the chart says: ${feel}` : "as the chart says";
  }

  #row(name) {
    const row = named("div", { className: "voice" });
    row.dataset.name = name;
    const who = named("button", { type: "button", className: "who", textContent: name });
    who.addEventListener("click", () => this.give(this.#with(name)));
    const level = named("input", { type: "range", min: "1", max: "127", step: "1" });
    level.setAttribute("aria-label", `level of the ${name}`);
    const said = named("output", {});
    level.addEventListener("input", () => (said.textContent = level.value));
    level.addEventListener("change", () =>
      this.give(`voice ${name} level ${level.value}`),
    );
    const mute = named("button", { type: "button", textContent: "mute" });
    mute.setAttribute("aria-label", `mute the ${name} for everybody`);
    mute.addEventListener("click", () => this.give(`band ${this.#voice(name).aloud ? "mute" : "aloud"} ${name}`));
    const solo = named("button", { type: "button", textContent: "solo" });
    solo.setAttribute("aria-label", `solo the ${name} for everybody`);
    solo.addEventListener("click", () => this.give(this.#alone(name) ? "band aloud" : `band solo ${name}`));
    row.append(who, level, said, mute, solo);
    return { row, who, level, said, mute, solo };
  }

  #update(voice) {
    const { row, who, level, said, mute, solo } = this.rows.get(voice.name);
    row.dataset.on = String(voice.on);
    who.setAttribute("aria-pressed", String(voice.on));
    who.disabled = !BAND.includes(voice.name);
    if (document.activeElement !== level) {
      level.value = String(voice.level);
      said.textContent = String(voice.level);
    }
    mute.disabled = solo.disabled = !voice.on;
    mute.setAttribute("aria-pressed", String(voice.on && !voice.aloud));
    solo.setAttribute("aria-pressed", String(this.#alone(voice.name)));
  }

  #voice(name) {
    return this.voices.find((voice) => voice.name === name);
  }

  /** Whether this one is heard, and none of the others who play. */
  #alone(name) {
    const playing = this.voices.filter((voice) => voice.on);
    return playing.length > 1 && playing.every((voice) => voice.aloud === (voice.name === name));
  }

  /** The order after which this voice plays that does not, or the other way round. */
  #with(name) {
    const playing = this.voices.filter(
      (voice) => BAND.includes(voice.name) && voice.on !== (voice.name === name),
    );
    return `band ${playing.map((voice) => voice.name).join(", ") || "off"}`;
  }
}
