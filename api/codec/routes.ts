import { payloads } from '../../domain/codec/schema.js';
import { route, type Route } from '../http/route.js';
import { type CodecDeps, decodePayloads } from './use-cases.js';

const NAME = 'codec.decode';
/** The payloads of one page of the Web UI. */
const MOST_BYTES = 4 * 1024 * 1024;
/** A page of the Web UI asks for each payload of a history by itself: some pages a minute. */
const ALLOWANCE = 50;

export function codecRoutes(deps: CodecDeps): Route[] {
  return [
    route({
      name: NAME,
      method: 'post',
      path: '/codec/decode',
      permission: 'signed-in',
      from_web_ui: true,
      summary: 'Decode payloads for Temporal’s Web UI and CLI (remote codec)',
      description:
        'A payload is decoded for admins of the organization in its metadata, and that is audited; every other one ' +
        'comes back as it was',
      body: payloads,
      body_limit: MOST_BYTES,
      allowance: ALLOWANCE,
      limits: [`${String(ALLOWANCE)} times the default limit, counted apart`],
      response: payloads,
      async handler({ caller, request_id, address, body }) {
        return await decodePayloads(deps, { caller, request_id, address, route: NAME }, body);
      },
    }),
  ];
}
