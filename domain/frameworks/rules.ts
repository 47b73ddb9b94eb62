/** For a control whose catalogue has no question of its own. */
export function questionOn(title: string): string {
  return `How is "${title}" put in place, who answers for it, and how do you know that it works?`;
}

const LONGEST_KEY = 60;

/** The key of an imported framework that was given none. */
export function keyOf(name: string): string {
  const words = name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .slice(0, LONGEST_KEY)
    .replace(/^_|_$/g, '');
  return /^[A-Z]/.test(words) ? words : `IMPORTED_${words}`.slice(0, LONGEST_KEY).replace(/_$/, '');
}
