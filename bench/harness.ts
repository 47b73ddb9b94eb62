// Two things timed by turns in one run: only their ratio counts, because machines are shared and noisy.
import { performance } from 'node:perf_hooks';

export interface Measure {
  what: string;
  unit: string;
  goal: string;
  anchor: readonly number[];
  product: readonly number[];
  /** Whether the ratio of medians (product to anchor) is good enough. */
  holds(ratio: number): boolean;
}

export interface Row {
  /** As in performance.md, section 2. */
  id: number;
  title: string;
  run(): Promise<Measure[]>;
}

export const ROUNDS = 3;

/** Each once to warm up, then by turns. */
export async function byTurns(
  anchor: () => Promise<number>,
  product: () => Promise<number>,
  rounds = ROUNDS,
): Promise<{ anchor: number[]; product: number[] }> {
  await anchor();
  await product();
  const figures = { anchor: [] as number[], product: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    figures.anchor.push(await anchor());
    figures.product.push(await product());
  }
  return figures;
}

/** @returns milliseconds */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Median of so many calls one after the other, in milliseconds. */
export async function p50(calls: number, work: (call: number) => Promise<unknown>): Promise<number> {
  const figures: number[] = [];
  for (let call = 0; call < calls; call += 1) figures.push(await timed(() => work(call)));
  return median(figures);
}

/** Calls per second of so many clients at once. */
export async function perSecond(clients: number, ms: number, work: () => Promise<unknown>): Promise<number> {
  const end = performance.now() + ms;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await work();
      done += 1;
    }
  };
  const took = await timed(() => Promise.all(Array.from({ length: clients }, client)));
  return (done * 1000) / took;
}

/** Of calls one after the other, for as long as `going` says, in milliseconds. */
export async function p99While(going: () => boolean, work: () => Promise<unknown>): Promise<number> {
  const figures: number[] = [];
  do figures.push(await timed(work));
  while (going());
  figures.sort((a, b) => a - b);
  return figures[Math.ceil(figures.length * 0.99) - 1] ?? NaN;
}

export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** @returns whether it holds */
export function print(id: number, measure: Measure): boolean {
  const { what, unit, goal, anchor, product } = measure;
  const ratio = median(product) / median(anchor);
  const holds = measure.holds(ratio);
  const spread = (figures: readonly number[]): string =>
    `${show(median(figures))} ${unit} (${show(Math.min(...figures))}–${show(Math.max(...figures))})`;
  process.stdout.write(
    `${holds ? 'ok  ' : 'MISS'} ${String(id).padStart(2)}  ${what}\n` +
      `         anchor ${spread(anchor)}, product ${spread(product)}, ratio ${show(ratio)}; goal ${goal}\n`,
  );
  return holds;
}

function show(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
}
