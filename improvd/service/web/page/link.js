// The connection to the service: it comes back by itself, gives orders and compares the clocks.

import { Clock } from "./clock.js";

const QUICK = [0, 60, 120, 200, 300, 450, 600, 800, 1000, 1250];
const EVERY_MS = 1900;
// So long without a word, though we asked: nobody is there.
const SILENT_MS = 12000;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 3000;

export class Link {
  /** `take` has a function for each kind of frame, and `here` and `gone`. */
  constructor(take) {
    this.take = take;
    this.clock = new Clock();
    this.wait = FIRST_WAIT_MS;
    this.asked = new Map();
    this.number = 0;
    this.spoke = 0;
    setInterval(() => this.#tend(), 1000);
    this.#open();
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Give an order; what is answered, as {ok, text}. */
  order(text) {
    return this.#ask({ t: "order", text });
  }

  /** Whether a chart can be played. */
  check(text) {
    return this.#ask({ t: "check", text });
  }

  /** A key moved at this moment of the service's clock. */
  play(at, message) {
    if (this.isOpen) this.#say({ t: "play", at, m: message });
  }

  #ask(frame) {
    if (!this.isOpen) return Promise.resolve({ ok: false, text: "improvd is not there." });
    const id = ++this.number;
    return new Promise((resolve) => {
      this.asked.set(id, resolve);
      this.#say({ ...frame, id });
    });
  }

  #say(frame) {
    this.socket.send(JSON.stringify(frame));
  }

  #open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/talk`);
    this.socket = socket;
    socket.onopen = () => {
      this.wait = FIRST_WAIT_MS;
      this.spoke = performance.now();
      this.clock.forget();
      for (const later of QUICK) setTimeout(() => this.#askClock(socket), later);
      this.take.here?.();
    };
    socket.onmessage = (event) => this.#hear(JSON.parse(event.data));
    socket.onclose = () => this.#lost(socket);
  }

  #lost(socket) {
    if (socket !== this.socket) return;
    for (const resolve of this.asked.values()) resolve({ ok: false, text: "improvd is gone." });
    this.asked.clear();
    this.take.gone?.();
    setTimeout(() => this.#open(), this.wait);
    this.wait = Math.min(this.wait * 1.5, LONGEST_WAIT_MS);
  }

  #tend() {
    if (!this.isOpen) return;
    const now = performance.now();
    if (now - this.spoke > SILENT_MS) {
      const socket = this.socket;
      socket.onclose = null;
      socket.close();
      this.#lost(socket);
    } else if (now - (this.askedClock ?? 0) > EVERY_MS) {
      this.#askClock(this.socket);
    }
  }

  #askClock(socket) {
    if (socket !== this.socket || !this.isOpen) return;
    this.askedClock = performance.now();
    this.#say({ t: "clock", at: this.askedClock });
  }

  #hear(frame) {
    this.spoke = performance.now();
    if (frame.t === "clock") {
      this.clock.exchanged(frame.at, frame.now, performance.now());
    } else if (frame.t === "answer" || frame.t === "checked") {
      this.asked.get(frame.id)?.(frame);
      this.asked.delete(frame.id);
    }
    this.take[frame.t]?.(frame);
  }
}
