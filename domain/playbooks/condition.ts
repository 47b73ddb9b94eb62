// Conditions: a small part of STIX patterning's comparison expressions over variables. Nothing is ever evaluated as
// code; a text that is not of this grammar is refused when the playbook is imported.
//   or := and ('OR' and)* ; and := not ('AND' not)* ; not := 'NOT'? ( '(' or ')' | comparison )
//   comparison := operand op operand | operand ['NOT'] 'IN' '(' literal, … ')' | operand ['NOT'] 'LIKE' literal
import type { Variables } from './plan.js';

type Operand = { variable: string } | { literal: string };
export type Condition =
  | { op: 'and' | 'or'; left: Condition; right: Condition }
  | { op: 'not'; inner: Condition }
  | { op: '=' | '!=' | '<' | '<=' | '>' | '>='; left: Operand; right: Operand }
  | { op: 'in'; left: Operand; of: readonly Operand[] }
  | { op: 'like'; left: Operand; pattern: string };

export class ConditionError extends Error {}

const TOKEN =
  /\s*(?:(__[A-Za-z0-9_-]+__):value|'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)|(==|!=|<>|<=|>=|=|<|>|\(|\)|\[|\]|,)|([A-Za-z]+))/y;
const DEEPEST = 30;

type Token =
  | { kind: 'variable' | 'literal'; text: string }
  | { kind: 'symbol' | 'word'; text: string }
  | { kind: 'end'; text: '' };

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const text = source.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null)
      throw new ConditionError(`cannot read the condition at "${text.slice(at, at + 20).trim()}"`);
    const [, variable, quoted, number, symbol, word] = match;
    if (variable !== undefined) tokens.push({ kind: 'variable', text: variable });
    else if (quoted !== undefined) tokens.push({ kind: 'literal', text: quoted.replaceAll(/\\(.)/g, '$1') });
    else if (number !== undefined) tokens.push({ kind: 'literal', text: number });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol });
    else if (/^(true|false)$/i.test(word ?? ''))
      tokens.push({ kind: 'literal', text: (word ?? '').toLowerCase() });
    else tokens.push({ kind: 'word', text: (word ?? '').toUpperCase() });
  }
  return tokens;
}

/** @throws ConditionError in words for its author */
export function parseCondition(source: string): Condition {
  const tokens = tokensOf(source);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const take = (...texts: string[]): string | undefined => {
    const { kind, text } = peek();
    if ((kind !== 'symbol' && kind !== 'word') || !texts.includes(text)) return undefined;
    at += 1;
    return text;
  };
  const need = (text: string): void => {
    if (take(text) === undefined) throw new ConditionError(`expected ${text} ${where(peek())}`);
  };
  const operand = (): Operand => {
    const token = next();
    if (token.kind === 'variable') return { variable: token.text };
    if (token.kind === 'literal') return { literal: token.text };
    throw new ConditionError(`expected a variable or a value ${where(token)}`);
  };

  function either(depth: number): Condition {
    let left = both(depth);
    while (take('OR')) left = { op: 'or', left, right: both(depth) };
    return left;
  }
  function both(depth: number): Condition {
    let left = one(depth);
    while (take('AND')) left = { op: 'and', left, right: one(depth) };
    return left;
  }
  function one(depth: number): Condition {
    if (depth > DEEPEST) throw new ConditionError('the condition is nested too deeply');
    if (take('NOT')) return { op: 'not', inner: one(depth + 1) };
    const opened = take('(', '[');
    if (opened === undefined) return comparison();
    const inner = either(depth + 1);
    need(opened === '(' ? ')' : ']');
    return inner;
  }
  function comparison(): Condition {
    const left = operand();
    const negated = take('NOT') !== undefined;
    const op = take('=', '==', '!=', '<>', '<', '<=', '>', '>=', 'IN', 'LIKE');
    if (op === undefined || (negated && op !== 'IN' && op !== 'LIKE'))
      throw new ConditionError(`expected a comparison ${where(peek())}`);
    const made = compared(left, op);
    return negated ? { op: 'not', inner: made } : made;
  }
  function compared(left: Operand, op: string): Condition {
    switch (op) {
      case 'IN': {
        need('(');
        const of = [operand()];
        while (take(',')) of.push(operand());
        need(')');
        return { op: 'in', left, of };
      }
      case 'LIKE': {
        const pattern = next();
        if (pattern.kind !== 'literal') throw new ConditionError('LIKE needs a value in quotes');
        return { op: 'like', left, pattern: pattern.text };
      }
      case '=':
      case '==':
        return { op: '=', left, right: operand() };
      case '!=':
      case '<>':
        return { op: '!=', left, right: operand() };
      case '<':
      case '<=':
      case '>':
      case '>=':
        return { op, left, right: operand() };
      default:
        throw new ConditionError(`unknown comparison ${op}`);
    }
  }

  const parsed = either(0);
  if (peek().kind !== 'end') throw new ConditionError(`did not expect more ${where(peek())}`);
  return parsed;
}

function where(token: Token): string {
  return token.kind === 'end' ? 'at its end' : `at "${token.text}"`;
}

/** Names of the variables that it reads. */
export function variablesIn(condition: Condition): string[] {
  const of = (operand: Operand): string[] => ('variable' in operand ? [operand.variable] : []);
  switch (condition.op) {
    case 'and':
    case 'or':
      return [...variablesIn(condition.left), ...variablesIn(condition.right)];
    case 'not':
      return variablesIn(condition.inner);
    case 'in':
      return [...of(condition.left), ...condition.of.flatMap(of)];
    case 'like':
      return of(condition.left);
    default:
      return [...of(condition.left), ...of(condition.right)];
  }
}

/** A variable without a value is the empty text. Numbers compare as numbers, everything else as text. */
export function isTrue(condition: Condition, variables: Variables): boolean {
  const value = (operand: Operand): string =>
    'variable' in operand ? (variables[operand.variable] ?? '') : operand.literal;
  switch (condition.op) {
    case 'and':
      return isTrue(condition.left, variables) && isTrue(condition.right, variables);
    case 'or':
      return isTrue(condition.left, variables) || isTrue(condition.right, variables);
    case 'not':
      return !isTrue(condition.inner, variables);
    case 'in':
      return condition.of.some((each) => order(value(condition.left), value(each)) === 0);
    case 'like':
      return isLike(value(condition.left), condition.pattern);
    case '=':
      return order(value(condition.left), value(condition.right)) === 0;
    case '!=':
      return order(value(condition.left), value(condition.right)) !== 0;
    case '<':
      return order(value(condition.left), value(condition.right)) < 0;
    case '<=':
      return order(value(condition.left), value(condition.right)) <= 0;
    case '>':
      return order(value(condition.left), value(condition.right)) > 0;
    case '>=':
      return order(value(condition.left), value(condition.right)) >= 0;
  }
}

const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;

function order(left: string, right: string): number {
  if (NUMBER.test(left) && NUMBER.test(right)) return Number(left) - Number(right);
  return left === right ? 0 : left < right ? -1 : 1;
}

/** `%` stands for any text, `_` for one character; in linear space and at most quadratic time. */
function isLike(text: string, pattern: string): boolean {
  const letters = Array.from(text);
  let fits = [true, ...letters.map(() => false)];
  for (const symbol of pattern) {
    const before = fits;
    fits = before.map((_, index) => {
      if (symbol === '%') return before.slice(0, index + 1).some(Boolean);
      if (index === 0) return false;
      return (before[index - 1] ?? false) && (symbol === '_' || letters[index - 1] === symbol);
    });
  }
  return fits.at(-1) ?? false;
}
