/**
 * OSCAL's glob: `*` for any characters, `?` for one. By hand, because a pattern that somebody has written must not
 * become a regular expression: with enough stars that takes for ever. Here at most one star is ever gone back to.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const [wanted, letters] = [[...pattern], [...text]];
  let [at, letter] = [0, 0];
  let star: { at: number; letter: number } | undefined;
  while (letter < letters.length) {
    const sign = wanted[at];
    if (sign === '*') {
      star = { at, letter };
      at += 1;
    } else if (sign === '?' || sign === letters[letter]) {
      at += 1;
      letter += 1;
    } else if (star) {
      star.letter += 1;
      at = star.at + 1;
      letter = star.letter;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
