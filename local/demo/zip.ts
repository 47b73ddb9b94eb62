const LOCAL_FILE = 0x04034b50;
const CENTRAL_ENTRY = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
// 2026-01-01 00:00:00 in the packed date of zip files: (year - 1980) << 9 | month << 5 | day.
const FIXED_DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

/** Sets every entry's time in a zip (docx, xlsx) to one fixed moment, so that equal inputs give equal bytes. */
export function withFixedTimes(zip: Uint8Array): Buffer {
  const bytes = Buffer.from(zip);
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || bytes.readUInt32LE(end) !== END_OF_DIRECTORY) throw new Error('not a zip file');
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (bytes.readUInt32LE(at) !== CENTRAL_ENTRY) throw new Error('broken zip directory');
    bytes.writeUInt16LE(0, at + 12);
    bytes.writeUInt16LE(FIXED_DATE, at + 14);
    const local = bytes.readUInt32LE(at + 42);
    if (bytes.readUInt32LE(local) !== LOCAL_FILE) throw new Error('broken zip entry');
    bytes.writeUInt16LE(0, local + 10);
    bytes.writeUInt16LE(FIXED_DATE, local + 12);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return bytes;
}
