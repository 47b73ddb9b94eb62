/** For a control whose catalogue has no question of its own. */
export function questionOn(title: string): string {
  return `How is "${title}" put in place, who answers for it, and how do you know that it works?`;
}
