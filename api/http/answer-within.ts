// No caller waits longer than promised, whatever hangs behind the handler.
import { DomainError } from '../../domain/errors.js';

/** Runs what may take its time, such as a body on a slow line; it does not count. */
export type Aside = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * The work goes on when it is late, but nobody hears its answer: what it was to change may still come to pass.
 * @throws DomainError SERVICE_UNAVAILABLE
 */
export async function answerWithin<T>(limit_ms: number, work: (aside: Aside) => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let left_ms = limit_ms;
  let answered = false;
  let late: (reason: DomainError) => void;
  const too_late = new Promise<never>((_, reject) => (late = reject));
  const run = (): (() => void) => {
    const began = performance.now();
    timer = setTimeout(() => late(tooLate()), left_ms);
    return () => {
      clearTimeout(timer);
      left_ms -= performance.now() - began;
    };
  };
  let rest = run();
  const aside: Aside = async (other) => {
    rest();
    try {
      return await other();
    } finally {
      if (!answered) rest = run();
    }
  };
  try {
    return await Promise.race([work(aside), too_late]);
  } finally {
    answered = true;
    clearTimeout(timer);
  }
}

function tooLate(): DomainError {
  return new DomainError(
    'SERVICE_UNAVAILABLE',
    'the answer takes too long; what was asked for may still happen, so look before asking again',
    { retry_after_s: 2 },
  );
}
