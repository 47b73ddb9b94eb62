import { uuid4 } from '@temporalio/workflow';

/** A UUIDv7 from the workflow's own time and randomness, so that a replay makes the same one. */
export function newId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid4().slice(15)}`;
}
