// Preloaded into a process whose clock is to be wrong by SKEW_MS.
const RealDate = Date;
const skew_ms = Number(process.env.SKEW_MS);

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + skew_ms);
    else super(...given);
  }

  static now() {
    return RealDate.now() + skew_ms;
  }
};
