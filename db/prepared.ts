// Statements by name: Postgres parses and plans each once a connection. Under row-level security that costs more than
// most executions.

/** Of a connection; each costs it memory, so only what comes again gets one. */
const MOST_NAMED = 300;
const OFTEN = 3;
/** A list of ids has as many texts as lengths. */
const MOST_VALUES = 20;
const MOST_COUNTED = 2_000;

const names = new Map<string, string>();
const counts = new Map<string, number>();

/** What goes with a statement to Postgres. */
export function prepared(text: string, values: readonly unknown[]): { name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { name: known };
  if (names.size >= MOST_NAMED || values.length > MOST_VALUES) return {};
  const count = (counts.get(text) ?? 0) + 1;
  if (count < OFTEN) {
    // whatever is asked for once only is forgotten with the rest
    if (counts.size >= MOST_COUNTED) counts.clear();
    counts.set(text, count);
    return {};
  }
  counts.delete(text);
  const name = `grc_${names.size + 1}`;
  names.set(text, name);
  return { name };
}
