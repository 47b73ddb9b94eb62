// Looks through a zip before a parser unpacks it: a few kilobytes can claim, or hide, gigabytes.
import { inflateRawSync } from 'node:zlib';
import { UnreadableFile, type ExtractLimits } from './types.js';

const END_RECORD = 0x06054b50;
const ENTRY_RECORD = 0x02014b50;
const LOCAL_RECORD = 0x04034b50;
const DAMAGED = 'the file is damaged: its archive cannot be opened';
const BOMB = 'the file unpacks to more than is allowed';

function endRecord(data: Buffer): number {
  // At most 64 KB of comment may follow it.
  for (let at = data.length - 22; at >= Math.max(0, data.length - 65_557); at -= 1) {
    if (data.readUInt32LE(at) === END_RECORD) return at;
  }
  throw new UnreadableFile(DAMAGED);
}

/** Names of the entries. Unpacks each once under a bound, since declared sizes may lie. */
export function inspectArchive(bytes: Uint8Array, limits: ExtractLimits): Set<string> {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = endRecord(data);
  const count = data.readUInt16LE(end + 10);
  if (count > limits.max_entries)
    throw new UnreadableFile('the archive in the file has too many entries', 'archive_bomb');
  const names = new Set<string>();
  let left = limits.max_unpacked_bytes;
  let at = data.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > data.length || data.readUInt32LE(at) !== ENTRY_RECORD) throw new UnreadableFile(DAMAGED);
    if ((data.readUInt16LE(at + 8) & 1) === 1)
      throw new UnreadableFile('the file is protected by a password');
    const method = data.readUInt16LE(at + 10);
    const packed = data.readUInt32LE(at + 20);
    const declared = data.readUInt32LE(at + 24);
    const name_length = data.readUInt16LE(at + 28);
    const local = data.readUInt32LE(at + 42);
    names.add(nameOf(data, at, name_length));
    if (declared > left || isBomb(packed, declared)) throw new UnreadableFile(BOMB, 'archive_bomb');
    left -= unpackedSize(data, { local, packed, declared, method }, left);
    at += 46 + name_length + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return names;
}

const LINK_MODE = 0o120000;

/** Parsers of office files unpack nothing to disk; others that get the file may. */
function nameOf(data: Buffer, at: number, length: number): string {
  const name = data.toString('utf8', at + 46, at + 46 + length);
  const mode = data.readUInt32LE(at + 38) >>> 16;
  const climbs = name.split(/[/\\]/).includes('..') || /^([/\\]|[a-z]:)/i.test(name);
  if (climbs || (mode & 0o170000) === LINK_MODE)
    throw new UnreadableFile('the archive in the file points outside of itself');
  return name;
}

/** Sheets of numbers shrink to a fiftieth; what shrinks to this was made to. */
const BOMB_RATIO = 400;
const BOMB_FROM_BYTES = 10 * 1024 * 1024;

function isBomb(packed: number, declared: number): boolean {
  return declared > BOMB_FROM_BYTES && declared > packed * BOMB_RATIO;
}

interface Entry {
  local: number;
  packed: number;
  declared: number;
  method: number;
}

function unpackedSize(data: Buffer, entry: Entry, left: number): number {
  const { local } = entry;
  if (local + 30 > data.length || data.readUInt32LE(local) !== LOCAL_RECORD)
    throw new UnreadableFile(DAMAGED);
  const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
  if (start + entry.packed > data.length) throw new UnreadableFile(DAMAGED);
  if (entry.method === 0) return entry.packed;
  if (entry.method !== 8) throw new UnreadableFile('the file is packed in a way that is not supported');
  try {
    const packed = data.subarray(start, start + entry.packed);
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, Math.min(left, entry.declared)) }).length;
  } catch (error) {
    const large = error instanceof RangeError;
    throw large ? new UnreadableFile(BOMB, 'archive_bomb') : new UnreadableFile(DAMAGED);
  }
}
