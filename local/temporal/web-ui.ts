// Temporal's Web UI for people: what runs carry is sealed, and opened by our codec endpoint for who is signed in. So a
// browser is signed in here once, and its pages are told to ask with its cookie.
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { mintToken } from '../access-issuer.js';
import { listenOn, type ListeningServer } from '../http-server.js';

export const SIGN_IN_PATH = '/sign-in';
const SETTINGS_PATH = '/api/v1/settings';
const SIGNED_IN_S = 12 * 3_600;

export interface WebUiOptions {
  data_dir: string;
  port: number;
  /** Where Temporal's own server of the Web UI listens. */
  backend_port: number;
  /** Whoever knows it may be anybody: it is told to who started the stack. */
  key: string;
}

export async function startWebUi(options: WebUiOptions): Promise<ListeningServer> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch(() => refuse(response, 502, 'Temporal does not answer'));
  });
  return await listenOn(server, options);
}

async function answer(
  options: WebUiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (request.method === 'GET' && pathname === SIGN_IN_PATH)
    return await signIn(options, searchParams, response);
  if (request.method === 'GET' && pathname === SETTINGS_PATH) return await settings(options, response);
  pass(options, request, response);
}

async function signIn(
  { data_dir, key }: WebUiOptions,
  asked: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const email = asked.get('email') ?? '';
  if (!isSame(asked.get('key') ?? '', key) || !email.includes('@'))
    return refuse(response, 403, 'Take the link that npm start has printed last');
  const token = await mintToken({ data_dir, email, expires_s: SIGNED_IN_S });
  response.writeHead(303, {
    location: '/',
    'set-cookie': `CF_Authorization=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${String(SIGNED_IN_S)}`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end();
}

function isSame(given: string, key: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(key));
}

const known = z.looseObject({ Codec: z.looseObject({}) });

async function settings({ backend_port }: WebUiOptions, response: ServerResponse): Promise<void> {
  const answered = await fetch(`http://127.0.0.1:${String(backend_port)}${SETTINGS_PATH}`);
  const { Codec, ...rest } = known.parse(await answered.json());
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...rest, Codec: { ...Codec, IncludeCredentials: true } }));
}

function pass({ backend_port }: WebUiOptions, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const onward = forward(
    { host: '127.0.0.1', port: backend_port, method, path: url, headers },
    (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(response);
      answered.on('error', () => response.destroy());
    },
  );
  onward.on('error', () => refuse(response, 502, 'Temporal does not answer'));
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

function refuse(response: ServerResponse, status: number, words: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${words}\n`);
}
