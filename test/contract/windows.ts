// An adversary who asks as fast as possible from several places, and the judge of what was let through.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Admission {
  begin: number;
  end: number;
}

/** Asks from every place, several calls at once, for that long; what was admitted, by our own clock. */
export async function hammer(
  places: readonly (() => Promise<boolean>)[],
  { for_ms, at_once }: { for_ms: number; at_once: number },
): Promise<{ admitted: Admission[]; asked: number }> {
  const admitted: Admission[] = [];
  let asked = 0;
  const until = performance.now() + for_ms;
  const lane = async (ask: () => Promise<boolean>): Promise<void> => {
    while (performance.now() < until) {
      const begin = performance.now();
      asked += 1;
      if (await ask()) admitted.push({ begin, end: performance.now() });
      await sleep(0);
    }
  };
  await Promise.all(places.flatMap((ask) => Array.from({ length: at_once }, () => lane(ask))));
  return { admitted, asked };
}

/** The most admissions that certainly fell into one window of that length, whenever each was decided in its call. */
export function mostInAnyWindow(admitted: readonly Admission[], window_ms: number): number {
  const counts = admitted.map(
    ({ begin }) => admitted.filter((each) => each.begin >= begin && each.end < begin + window_ms).length,
  );
  return Math.max(0, ...counts);
}
