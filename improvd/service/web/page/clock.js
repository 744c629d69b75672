// What the service's clock says, from an exchange of stamps: the exchange that was quickest knows
// best. Moments are milliseconds; pure but for what it is told.

const KEPT = 16;
// One correction is no jump that anybody could hear.
const STEP = 1;

export class Clock {
  constructor() {
    this.forget();
  }

  /** Another service, or the same after a break: its clock is not known any more. */
  forget() {
    this.exchanges = [];
    this.offset = null;
    this.roundTrip = null;
  }

  /** Asked at `sent` and answered at `came` of our clock, theirs said `theirs` in between. */
  exchanged(sent, theirs, came) {
    const roundTrip = came - sent;
    this.exchanges.push({ roundTrip, offset: theirs + roundTrip / 2 - came });
    if (this.exchanges.length > KEPT) this.exchanges.shift();
    const best = this.exchanges.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a));
    this.roundTrip = best.roundTrip;
    if (this.offset === null || this.exchanges.length < 5) {
      this.offset = best.offset;
    } else {
      this.offset += Math.max(-STEP, Math.min(STEP, best.offset - this.offset));
    }
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
