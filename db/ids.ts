import { v7 } from 'uuid';

/** UUIDv7: grows with time, so `order by id desc` is newest first. */
export function newId(): string {
  return v7();
}
