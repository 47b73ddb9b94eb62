import type { Caller } from './app.js';

/** The framework that most tests assess, among those that ship. */
export async function findSoc2(caller: Caller): Promise<{ id: string; control_count: number }> {
  const { body } = await caller.get('/frameworks');
  return body.items.find(({ key }: { key: string }) => key === 'SOC2_TYPE2');
}
