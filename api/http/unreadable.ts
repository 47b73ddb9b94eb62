// Requests that are no HTTP, or not in time: refused on the bare socket, and still in the shape of every refusal.
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DomainError } from '../../domain/errors.js';
import { limitKeyOf } from './address.js';
import type { Edge } from './edge.js';
import { bodyOf } from './errors.js';
import { limitHeaders } from './rate-limit.js';

interface Refusal {
  line: string;
  error: DomainError;
}

const refusal = (line: string, code: 'VALIDATION_ERROR' | 'PAYLOAD_TOO_LARGE', detail: string): Refusal => ({
  line,
  error: new DomainError(code, detail),
});

const MALFORMED = refusal('400 Bad Request', 'VALIDATION_ERROR', 'the request is not well-formed HTTP');
// By the codes of Node's parser.
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: refusal('408 Request Timeout', 'VALIDATION_ERROR', 'the request took too long'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: refusal(
    '413 Payload Too Large',
    'PAYLOAD_TOO_LARGE',
    'the extensions of the chunks are too large',
  ),
  HPE_HEADER_OVERFLOW: refusal(
    '431 Request Header Fields Too Large',
    'VALIDATION_ERROR',
    'the headers are larger than 32 KB',
  ),
};

export function refuseUnreadable(
  edge: Pick<Edge, 'addressOf' | 'limiter' | 'log'>,
  error: NodeJS.ErrnoException,
  socket: Duplex,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const { line, error: told } = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const address = edge.addressOf(socket instanceof Socket ? socket.remoteAddress : undefined, undefined);
  const request_id = randomUUID();
  const body = JSON.stringify(bodyOf(told, request_id));
  const headers = {
    Connection: 'close',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'X-Request-Id': request_id,
    ...limitHeaders(edge.limiter.hitLocally(limitKeyOf(address))),
  };
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  edge.log.warn({ request_id, address, reason: error.code }, 'unreadable request');
  socket.end(`HTTP/1.1 ${line}\r\n${fields.join('')}\r\n${body}`, () => socket.destroy());
}
