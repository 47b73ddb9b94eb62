// Any playbook, any outcomes, in any order, against a plain model of what the semantics say.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildPlaybook, manual, type Steps } from '../support/factories/playbook.js';
import { play } from './play.js';

// Sequences of nodes in nodes, each with its outcome.
type Node =
  | { kind: 'act'; ok: boolean; rescue: Node[] | null }
  | { kind: 'parallel'; branches: Node[][]; rescue: Node[] | null }
  | { kind: 'if'; met: boolean; yes: Node[]; no: Node[] | null; rescue: Node[] | null }
  | { kind: 'while'; turns: boolean; body: Node[]; rescue: Node[] | null };

const { sequence } = fc.letrec<{ node: Node; sequence: Node[]; rescue: Node[] | null }>((tie) => ({
  rescue: fc.option(tie('sequence'), { depthSize: 'small', maxDepth: 2 }),
  sequence: fc.array(tie('node'), { minLength: 1, maxLength: 3, depthIdentifier: 'node' }),
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'node' },
    fc.record({ kind: fc.constant('act' as const), ok: fc.boolean(), rescue: fc.constant(null) }),
    fc.record({ kind: fc.constant('act' as const), ok: fc.boolean(), rescue: tie('rescue') }),
    fc.record({
      kind: fc.constant('parallel' as const),
      branches: fc.array(tie('sequence'), { minLength: 2, maxLength: 3 }),
      rescue: tie('rescue'),
    }),
    fc.record({
      kind: fc.constant('if' as const),
      met: fc.boolean(),
      yes: tie('sequence'),
      no: fc.option(tie('sequence')),
      rescue: tie('rescue'),
    }),
    fc.record({
      kind: fc.constant('while' as const),
      turns: fc.boolean(),
      body: tie('sequence'),
      rescue: tie('rescue'),
    }),
  ),
}));

const TURNS = 2;
const byName = (a: string | undefined, b: string | undefined) => (a ?? '').localeCompare(b ?? '');

/** As steps of a document; `names` says which node has which name. */
function write(nodes: readonly Node[], steps: Steps, names: Map<Node, string>, after = 'end'): string {
  return nodes.reduceRight((next, node) => {
    const name = `s${names.size}`;
    names.set(node, name);
    const inside = (inner: readonly Node[]) => write(inner, steps, names);
    const flow = { next, ...(node.rescue && { failure: inside(node.rescue) }) };
    switch (node.kind) {
      case 'act':
        steps[name] = manual(next, flow);
        break;
      case 'parallel':
        steps[name] = { do: 'parallel', branches: node.branches.map(inside), ...flow };
        break;
      case 'if':
        steps[name] = {
          do: 'if',
          condition: node.met ? '1 = 1' : '1 = 2',
          yes: inside(node.yes),
          ...(node.no && { no: inside(node.no) }),
          ...flow,
        };
        break;
      case 'while':
        steps[name] = {
          do: 'while',
          condition: node.turns ? '1 = 1' : '1 = 2',
          body: inside(node.body),
          max: TURNS,
          ...flow,
        };
    }
    return name;
  }, after);
}

/** What the words of the semantics say, read off the tree. */
function model(nodes: readonly Node[], names: Map<Node, string>, acts: string[]): boolean {
  const run = (inner: readonly Node[]) => model(inner, names, acts);
  const one = (node: Node): boolean => {
    switch (node.kind) {
      case 'act':
        acts.push(names.get(node) ?? '');
        return node.ok;
      case 'parallel':
        return node.branches.map(run).every(Boolean);
      case 'if':
        return node.met ? run(node.yes) : node.no === null || run(node.no);
      case 'while': {
        if (!node.turns) return true;
        for (let turn = 0; turn < TURNS; turn += 1) if (!run(node.body)) return false;
        return false;
      }
    }
  };
  for (const node of nodes) if (!one(node)) return node.rescue !== null && run(node.rescue);
  return true;
}

test('any playbook does what the semantics say, in whatever order its steps end', () => {
  fc.assert(
    fc.property(sequence, fc.infiniteStream(fc.nat(1_000)), (nodes, order) => {
      const steps: Steps = {};
      const names = new Map<Node, string>();
      const first = write(nodes, steps, names);
      fc.pre(names.size < 60);
      const outcomes = new Map([...names].map(([node, name]) => [name, node.kind !== 'act' || node.ok]));
      const played = play(buildPlaybook(first, steps), (name) => outcomes.get(name) ?? true, {
        pick: (of) => (of === 0 ? 0 : (order.next().value ?? 0) % of),
      });
      const acts: string[] = [];
      const ok = model(nodes, names, acts);
      expect(played.state.outcome).toBe(ok ? 'completed' : 'failed');
      expect(played.acts.map((name) => name.split('#')[0]).toSorted(byName)).toEqual(acts.toSorted(byName));
      expect(new Set(played.acts).size).toBe(played.acts.length);
    }),
    { numRuns: 500 },
  );
});
