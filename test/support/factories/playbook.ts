// Playbooks for tests, written compactly; what is not said has a harmless default.
import { type Authored, type AuthoredPlaybook, build, stepIdOf } from '../../../db/seeds/playbooks/build.js';
import type { CacaoPlaybook } from '../../../domain/playbooks/cacao-schema.js';
import { compile } from '../../../domain/playbooks/compile.js';
import type { Plan } from '../../../domain/playbooks/plan.js';

export type Steps = Record<string, Authored>;
type More = Partial<Omit<AuthoredPlaybook, 'steps' | 'first'>>;

export interface BuiltPlaybook {
  document: CacaoPlaybook;
  /** Of a step, by the key it was written under. */
  id(key: string): string;
}

export function buildPlaybook(first: string, steps: Steps, more: More = {}): BuiltPlaybook {
  const authored = { slug: 'test', name: 'Test', description: 'Of a test.', ...more, first, steps };
  return { document: build(authored), id: (key) => stepIdOf(authored, key) };
}

export function planOf({ document }: Pick<BuiltPlaybook, 'document'>): Plan {
  const { plan, problems } = compile(document);
  if (plan === null) throw new Error(JSON.stringify(problems));
  return plan;
}

export function manual(next: string, more: Partial<Extract<Authored, { do: 'action' }>> = {}): Authored {
  return { do: 'action', commands: [{ type: 'manual', command: 'Do it' }], next, ...more };
}

export function http(
  request: string,
  next: string,
  more: Partial<Extract<Authored, { do: 'action' }>> & { content?: string } = {},
): Authored {
  const { content, ...rest } = more;
  const command = { type: 'http-api', command: request, ...(content !== undefined && { content }) };
  return { do: 'action', commands: [command], targets: ['api'], next, ...rest };
}
