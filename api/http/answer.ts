import { isDeepStrictEqual } from 'node:util';
import type { Edge, EdgeContext } from './edge.js';
import { otherForm, type RouteFacts } from './spec.js';

/**
 * Writes the handler's result, and says as what text. In tests it is also held against the schema that the document
 * shows.
 */
export function answer(
  edge: Edge,
  spec: RouteFacts,
): (ctx: EdgeContext, result: unknown) => string | undefined {
  const { response } = spec;
  const status = spec.status ?? 200;
  if ('raw' in response) {
    return (ctx, result) => {
      if (ctx.response.type === '') ctx.type = response.content_type;
      ctx.body = result;
      ctx.status = ctx.state.status ?? status;
      return undefined;
    };
  }
  return (ctx, result) => {
    if (spec.also) ctx.vary('Accept');
    const other = otherForm(result);
    if (other !== undefined) {
      if (!spec.also) throw new Error(`${spec.name} has no other form`);
      ctx.type = spec.also.content_type;
      ctx.body = other;
      ctx.status = ctx.state.status ?? status;
      return other;
    }
    if (edge.parse_responses) {
      // As the client sees it: dates become text, undefined fields go.
      const wire: unknown = JSON.parse(JSON.stringify(result));
      const parsed = response.safeParse(wire);
      if (!parsed.success)
        throw new Error(`${spec.name} answers outside its schema: ${parsed.error.message}`);
      if (!isDeepStrictEqual(parsed.data, wire)) {
        throw new Error(`${spec.name} answers with fields that its schema does not have`);
      }
    }
    const text = JSON.stringify(result);
    ctx.set('Content-Type', 'application/json; charset=utf-8');
    ctx.body = text;
    ctx.status = ctx.state.status ?? status;
    return text;
  };
}
