// MIDI keyboards of the browser's machine, of which the musician picks one.

const HEARD = new Set([0x80, 0x90, 0xb0]);

export class MidiInput {
  /** `strike` is called with (message, event time), `say` with a sentence where it cannot be. */
  constructor(select, box, strike, say) {
    this.select = select;
    this.strike = strike;
    this.say = say;
    if (!navigator.requestMIDIAccess) {
      box.hidden = true;
      return;
    }
    // Asking makes the browser ask the person: only once they want to choose.
    for (const kind of ["pointerdown", "focus"]) {
      select.addEventListener(kind, () => this.#ask(), { once: true });
    }
    select.addEventListener("change", () => this.#choose());
  }

  async #ask() {
    if (this.access) return;
    try {
      this.access = await navigator.requestMIDIAccess();
    } catch {
      this.say("The browser does not let this page use MIDI keyboards; the rest works.");
      return;
    }
    this.access.onstatechange = () => this.#list();
    this.#list();
  }

  #list() {
    const chosen = this.select.value;
    const none = new Option(this.access.inputs.size ? "choose a keyboard" : "no keyboard there", "");
    const inputs = [...this.access.inputs.values()].map((port) => new Option(port.name, port.id));
    this.select.replaceChildren(none, ...inputs);
    this.select.value = inputs.some((option) => option.value === chosen) ? chosen : "";
    this.#choose();
  }

  #choose() {
    for (const port of this.access?.inputs.values() ?? []) {
      port.onmidimessage = port.id === this.select.value ? (event) => this.#hear(event) : null;
    }
  }

  #hear({ data, timeStamp }) {
    if (data.length === 3 && HEARD.has(data[0] & 0xf0)) this.strike([...data], timeStamp);
  }
}
