// A zip says when each of its files was written. In a report nothing may differ but what it says.
const END_RECORD = 0x06054b50;
const END_LENGTH = 22;
/** 1 January 1980, midnight: the first instant that a zip knows. */
const FIRST_DAY = 0x0021;

/** Sets every time in it to the same. @throws RangeError for what is no zip without a comment */
export function withoutTimes(zip: Uint8Array): Uint8Array {
  const fixed = new Uint8Array(zip);
  const view = new DataView(fixed.buffer);
  const end = fixed.length - END_LENGTH;
  if (view.getUint32(end, true) !== END_RECORD) throw new RangeError('the archive has no end record');
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let index = 0; index < count; index += 1) {
    const local = view.getUint32(at + 42, true);
    for (const record of [at + 12, local + 10]) {
      view.setUint16(record, 0, true);
      view.setUint16(record + 2, FIRST_DAY, true);
    }
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return fixed;
}
