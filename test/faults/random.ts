import { randomInt } from 'node:crypto';

export interface Dice {
  seed: number;
  /** An integer, from ≤ it < below. */
  between(from: number, below: number): number;
}

/** Draws the same again with FAULT_SEED set to what it has printed. */
export function throwDice(what: string): Dice {
  const seed = Number(process.env['FAULT_SEED'] ?? randomInt(2 ** 31));
  process.stdout.write(`${what}: FAULT_SEED=${String(seed)}\n`);
  let state = seed;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { seed, between: (from, below) => from + Math.floor(next() * (below - from)) };
}
