// Requests that no route takes. Own handler: the router's answers 501 to methods it does not know.
import type { Middleware } from 'koa';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.js';
import type { Edge, EdgeState } from './edge.js';
import { limitAnonymous } from './rate-limit.js';

const matchedLayers = z.array(z.object({ path: z.string(), methods: z.array(z.string()) })).catch([]);

export function unmatched(edge: Edge): Middleware<EdgeState> {
  return async (ctx) => {
    await limitAnonymous(edge, ctx, undefined);
    const layers = matchedLayers.parse(ctx['matched']);
    // a fixed path stands before one with a parameter that would match it too
    const own = layers.filter(({ path }) => path === layers[0]?.path);
    const methods = [...new Set(own.flatMap((layer) => layer.methods))].sort();
    if (methods.length === 0) throw new DomainError('NOT_FOUND', 'no such route');
    ctx.set('Allow', methods.join(', '));
    throw new DomainError(
      'METHOD_NOT_ALLOWED',
      `${ctx.method} is not possible here; ${methods.join(', ')} are`,
    );
  };
}
