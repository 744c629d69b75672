// Other clocks, as seen from the page's own: the service's and the audio's. What is known of them
// gets better with time, and is put to use so slowly that nobody hears it. Pure but for what it is
// told.

const clamp = (change, most) => Math.max(-most, Math.min(most, change));

const KEPT = 60;
const SURE_AFTER = 10;
// Sooner, where the two quickest were quick and say the same.
const SURE_SOONER = 5;
const QUICK_MS = 8;
const SAME_MS = 0.5;
// Two crystals are not further apart, so an exchange says less the older it is.
const DRIFT = 50e-6;
// An exchange comes every two seconds: no beat is moved further than this.
const STEP_MS = 0.5;
// Further apart than two exchanges can be of one clock: one stood still in a sleep.
const ASLEEP_MS = 20;
const possible = (one, other) =>
  Math.abs(one.offset - other.offset) <= (one.roundTrip + other.roundTrip) / 2 + ASLEEP_MS;

/** What the service's clock says, from exchanges of stamps, in milliseconds. */
export class Clock {
  constructor() {
    this.forget();
  }

  /** Another service, or the same after a break: its clock is not known any more. */
  forget() {
    this.settled = false;
    this.#begin();
  }

  #begin() {
    this.exchanges = [];
    this.best = null;
    this.offset = null;
  }

  /** Asked at `sent` and answered at `came` of our clock, theirs said `theirs` in between.
   *
   * The quickest exchange of the last two minutes is believed; a slow one moves nothing. The first
   * of a page that is still loading are slow ones: only when it has `settled` may notes go by it.
   */
  exchanged(sent, theirs, came) {
    const roundTrip = came - sent;
    const told = { came, roundTrip, offset: theirs + roundTrip / 2 - came };
    if (this.best && !possible(told, this.best)) this.#begin();
    this.exchanges.push(told);
    if (this.exchanges.length > KEPT) this.exchanges.shift();
    const doubt = (exchange) => exchange.roundTrip / 2 + DRIFT * (came - exchange.came);
    this.best = this.exchanges.reduce((a, b) => (doubt(b) <= doubt(a) ? b : a));
    const change = this.best.offset - (this.offset ?? this.best.offset);
    if (this.settled && this.known) this.offset += clamp(change, STEP_MS);
    else this.offset = this.best.offset;
    this.settled ||= this.exchanges.length >= SURE_AFTER || this.#agreed;
  }

  get #agreed() {
    const [one, other] = [...this.exchanges].sort((a, b) => a.roundTrip - b.roundTrip);
    const quick = this.exchanges.length >= SURE_SOONER && other.roundTrip < QUICK_MS;
    return quick && Math.abs(one.offset - other.offset) < SAME_MS;
  }

  /** How long the exchange took that is believed. */
  get roundTrip() {
    return this.best?.roundTrip ?? null;
  }

  get known() {
    return this.offset !== null;
  }

  /** Their moment at this one of ours. */
  theirs(ours) {
    return ours + (this.offset ?? 0);
  }

  /** Our moment at this one of theirs. */
  ours(theirs) {
    return theirs - (this.offset ?? 0);
  }
}

const WINDOW_S = 10;
const SETTLED_AFTER = 30;
const SLEW = 0.0005;
const STEP_S = 0.0005;
const ANOTHER_TIME_S = 0.5;

/** What the audio clock says, from looks at it, in seconds.
 *
 * It moves on by whole buffers: just after one was rendered it is seen furthest ahead, and that is
 * where it is. On a busy machine a buffer is late, or several come at once to make up for it, which
 * is seen too far ahead: of ten looks, the one furthest ahead is not counted.
 */
export class AudioClock {
  constructor() {
    this.forget();
  }

  /** It stood still, or is another. */
  forget() {
    this.looks = [];
    this.lead = null;
    this.settled = false;
  }

  /** It said `theirs` at `ours`. */
  seen(theirs, ours) {
    const lead = theirs - ours;
    if (Math.abs(lead - (this.lead ?? lead)) > ANOTHER_TIME_S) this.forget();
    const before = this.looks.at(-1)?.ours ?? ours;
    this.looks.push({ ours, lead });
    while (this.looks[0].ours < ours - WINDOW_S) this.looks.shift();
    const leads = this.looks.map((look) => look.lead).sort((one, other) => other - one);
    const there = leads[Math.floor(leads.length / 10)];
    if (this.settled) this.lead += clamp(there - this.lead, Math.min(SLEW * (ours - before), STEP_S));
    else this.lead = there;
    this.settled ||= this.looks.length >= SETTLED_AFTER;
  }

  /** Its moment at this one of ours. */
  theirs(ours) {
    return ours + this.lead;
  }
}
