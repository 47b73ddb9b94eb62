// Text of users made fit for a page: what it says stays, what would break the page or deceive the reader goes.
import { cleanText, clip } from '../judge/text.js';

/** Letters that turn the direction of what follows, so that a line reads as something that it does not say. */
const OVERRIDES = /[\u202a-\u202e\u2066-\u2069]/gu;
const LONG_RUN = /\S{14,}/gu;
/** Where a run breaks by itself; what lies between two of them breaks anywhere if it is long. */
const PIECES = /(?<=[_:/.@|*)=&?,;\\-])|(?=\()/u;
const LONG_PIECE = 13;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Words of the code and instants, which the templates read. */
const OURS = /^[\w.:-]{1,27}$/;
/** Longer than any word of a language that is written with spaces. */
const LONG_WORD = 28;
const BREAK_AFTER = 6;
const ZERO_WIDTH_SPACE = '\u200b';

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Names and addresses without a space may break over lines: inside of a column nothing is cut off. */
function breakable(run: string): string {
  return run
    .split(PIECES)
    .map((piece) => (run.length >= LONG_WORD && piece.length > LONG_PIECE ? anywhere(piece) : piece))
    .join(ZERO_WIDTH_SPACE);
}

function anywhere(run: string): string {
  let since = 0;
  let broken = '';
  for (const { segment } of graphemes.segment(run)) {
    broken += segment;
    since += 1;
    if (since < BREAK_AFTER) continue;
    broken += ZERO_WIDTH_SPACE;
    since = 0;
  }
  return broken;
}

export function printable(text: string): string {
  if (UUID.test(text) || OURS.test(text)) return text;
  return cleanText(text, { keep_invisible: true }).replace(OVERRIDES, '').replace(LONG_RUN, breakable).trim();
}

/** Every text in it, and nothing else. */
export function printableDeep(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, printableDeep(inner)]));
}

/** What makes a spreadsheet take a text for a formula, now or once it was saved as CSV. */
// oxlint-disable-next-line no-control-regex -- NUL is one of them
const FORMULA = /^\s*[=+\-@]|^[\t\r\u0000]/u;
/** How a workbook writes letters that XML has no place for; what only looks like it must not be read so. */
const ESCAPED = /_(?=x[0-9A-Fa-f]{4}_)/gu;
const NO_LETTERS = /[\ufffe\uffff]/gu;
const LONGEST_CELL = 32_767;

export function cellText(text: string): string {
  const clean = cleanText(text, { keep_invisible: true }).replace(NO_LETTERS, '').replace(ESCAPED, '_x005F_');
  const inert = FORMULA.test(text) || FORMULA.test(clean) ? `'${clean}` : clean;
  return clip(inert, LONGEST_CELL);
}
