// What a worker and a process of its own say to each other.
export interface Limits {
  timeout_ms: number;
  /** Heap of the thread that works. */
  heap_mb: number;
  /** Whole memory of the process, buffers included. */
  rss_mb: number;
}

export interface Job {
  job: unknown;
  limits: Limits;
}

/** `thread`: it threw; `exit`: the process ended by itself; `send`: the job could not be handed over. */
export type Failure = 'memory' | 'time' | 'thread' | 'exit' | 'send';

export type Answer = { value: unknown } | { failure: Failure };
