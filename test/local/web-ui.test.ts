// What stands before the Web UI: signs in who has the link of this start, and passes the rest on as it is.
import { createServer, type IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAccessIssuer, type AccessIssuer } from '../../local/access-issuer.js';
import { listenOn, type ListeningServer } from '../../local/http-server.js';
import { SIGN_IN_PATH, startWebUi } from '../../local/temporal/web-ui.js';

const KEY = 'key of this start';
const data_dir = mkdtempSync(join(tmpdir(), 'grc-web-ui-'));
let issuer: AccessIssuer;
let backend: ListeningServer;
let ui: ListeningServer;

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

beforeAll(async () => {
  issuer = await startAccessIssuer({ data_dir, port: 0 });
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      response.writeHead(request.url === '/missing' ? 404 : 200, { 'x-from': 'backend' });
      const codec = { Endpoint: 'http://localhost:8000', IncludeCredentials: false };
      response.end(
        JSON.stringify({ Codec: codec, Version: '1', url: request.url, method: request.method, body }),
      );
    });
  });
  backend = await listenOn(server, { port: 0 });
  ui = await startWebUi({ data_dir, port: 0, backend_port: Number(new URL(backend.url).port), key: KEY });
});

afterAll(async () => {
  await Promise.all([ui.stop(), backend.stop(), issuer.stop()]);
  rmSync(data_dir, { recursive: true });
});

const signIn = (query: Record<string, string>): Promise<Response> =>
  fetch(`${ui.url}${SIGN_IN_PATH}?${new URLSearchParams(query).toString()}`, { redirect: 'manual' });

test('the link signs a browser in, with a cookie that scripts cannot read', async () => {
  const answer = await signIn({ email: 'admin@demo.example', key: KEY });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe('/');
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^CF_Authorization=[^;]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  expect(decodeJwt(cookie.slice('CF_Authorization='.length).split(';', 1)[0] ?? '')).toMatchObject({
    email: 'admin@demo.example',
    iss: issuer.url,
  });
});

test.each([
  {},
  { key: 'another' },
  { email: 'admin@demo.example' },
  { email: 'admin@demo.example', key: '' },
  { key: KEY },
])('without it there is nothing: %o', async (query) => {
  const answer = await signIn(query);
  expect(answer.status).toBe(403);
  expect(answer.headers.get('set-cookie')).toBeNull();
});

test('pages are told to ask the codec endpoint with their cookie', async () => {
  const settings = await (await fetch(`${ui.url}/api/v1/settings`)).json();
  expect(settings).toMatchObject({
    Codec: { Endpoint: 'http://localhost:8000', IncludeCredentials: true },
    Version: '1',
  });
});

test('all else passes as it is', async () => {
  const answer = await fetch(`${ui.url}/api/v1/x?a=%2F&b`, { method: 'POST', body: 'said' });
  expect(answer.headers.get('x-from')).toBe('backend');
  expect(await answer.json()).toMatchObject({ url: '/api/v1/x?a=%2F&b', method: 'POST', body: 'said' });
  expect((await fetch(`${ui.url}/missing`)).status).toBe(404);
});

test('without Temporal it says so', async () => {
  const alone = await startWebUi({ data_dir, port: 0, backend_port: 1, key: KEY });
  try {
    for (const path of ['/', '/api/v1/settings'])
      expect((await fetch(`${alone.url}${path}`)).status).toBe(502);
  } finally {
    await alone.stop();
  }
});
