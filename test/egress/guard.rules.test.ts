// S11: a URL that a user gave is called on the public internet or not at all.
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPublicAddress, publicAddresses, type Resolve } from '../../activities/egress/addresses.js';
import { createEgress, type Egress, EgressError } from '../../activities/egress/http.js';
import { endpointProblem } from '../../domain/egress/rules.js';
import { type ListeningServer, listenOn } from '../../local/http-server.js';
import { HOSTILE_ANSWERS, HOSTILE_URLS, PUBLIC_ADDRESSES } from './hostile.js';

/** What listens on loopback counts every connection: a refused call must not even knock. */
let knocks = 0;
let server: ListeningServer;
let answer: RequestListener = (_, response) => response.end('fine');
const seen: { url: string | undefined; headers: Record<string, unknown>; body: string }[] = [];
const opened: Egress[] = [];

beforeAll(async () => {
  const http = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ url: request.url, headers: request.headers, body });
      answer(request, response);
    });
  });
  http.on('connection', () => (knocks += 1));
  server = await listenOn(http, { port: 0 });
});

afterAll(async () => {
  await Promise.all(opened.map((egress) => egress.close()));
  await server.stop();
});

function open(...[config]: Parameters<typeof createEgress>): Egress {
  const egress = createEgress(config);
  opened.push(egress);
  return egress;
}

function local(limits: Parameters<typeof createEgress>[0] = {}): Egress {
  return open({ allow: [server.url], ...limits });
}

async function reasonOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(EgressError);
  return error instanceof EgressError ? error.reason : '';
}

const resolveTo =
  (addresses: readonly string[]): Resolve =>
  (): ReturnType<Resolve> =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));

describe('what is refused', () => {
  test.each(HOSTILE_URLS)('is never called: %s', async (url) => {
    const before = knocks;
    const asked: string[] = [];
    const resolve: Resolve = (name) => {
      asked.push(name);
      return Promise.resolve([]);
    };
    expect(await reasonOf(open({ resolve }).call({ method: 'GET', url }))).toBe('refused_address');
    expect(knocks).toBe(before);
    expect(asked).toEqual([]);
  });

  test('also when it is to be stored', () => {
    const accepted = HOSTILE_URLS.filter((url) => endpointProblem(url, { allow: [] }) === undefined);
    expect(accepted).toEqual([]);
    for (const name of ['localhost', 'a.localhost', 'printer', 'db.internal', 'nas.local', 'localhost.'])
      expect(endpointProblem(`https://${name}/hook`, { allow: [] }), name).toBe('must name a public host');
    const own_hosts = ['grc.example'];
    expect(endpointProblem('https://GRC.example./x', { allow: [], own_hosts })).toMatch(
      'installation itself',
    );
    expect(endpointProblem('https://93.184.215.14/', { allow: [] })).toBe('must name a host, not an address');
    expect(endpointProblem('https://hooks.example.com/T0/B0', { allow: [], own_hosts })).toBeUndefined();
  });

  test.each(HOSTILE_ANSWERS.map((answers) => ({ answers })))(
    'is a name that stands for $answers',
    async ({ answers }) => {
      const before = knocks;
      const egress = open({ resolve: resolveTo(answers) });
      expect(await reasonOf(egress.call({ method: 'GET', url: 'https://attacker.example/' }))).toBe(
        'refused_address',
      );
      expect(knocks).toBe(before);
    },
  );

  test.each(PUBLIC_ADDRESSES)('is not %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test('is everything that is no address', () => {
    for (const word of ['', 'localhost', '127.0.0.1:80', '[::1]', '1.2.3.4.5'])
      expect(isPublicAddress(word), word).toBe(false);
  });
});

test('a name that changes its answer gains nothing: it is asked once a call, and that answer is judged', async () => {
  const before = knocks;
  const answers = [['93.184.215.14'], ['127.0.0.1'], ['127.0.0.1']];
  let asked = 0;
  const rebinding: Resolve = () => resolveTo(answers[asked++] ?? [])('');
  expect(await publicAddresses('rebind.example', rebinding)).toEqual([
    { address: '93.184.215.14', family: 4 },
  ]);
  const egress = open({ resolve: rebinding });
  for (const call of [2, 3]) {
    expect(await reasonOf(egress.call({ method: 'GET', url: 'https://rebind.example/' }))).toBe(
      'refused_address',
    );
    expect(asked).toBe(call);
  }
  expect(knocks).toBe(before);
});

test('an allowed origin is that scheme, host and port, not its neighbours', async () => {
  const port = new URL(server.url).port;
  const egress = local({ resolve: resolveTo(['127.0.0.1']) });
  expect(await egress.call({ method: 'GET', url: `${server.url}/a` })).toMatchObject({
    status: 200,
    body: 'fine',
  });
  const before = knocks;
  for (const url of [
    `http://localhost:${port}/`,
    `http://127.0.0.2:${port}/`,
    `http://user@127.0.0.1:${port}/`,
    `http://127.0.0.1:${Number(port) + 1}/`,
    `https://127.0.0.1:${port}/`,
  ])
    expect(await reasonOf(egress.call({ method: 'GET', url })), url).toBe('refused_address');
  expect(knocks).toBe(before);
});

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) to the metadata service is not followed',
  async (status) => {
    answer = (_, response) =>
      response.writeHead(status, { location: 'http://169.254.169.254/latest/meta-data/' }).end('look there');
    const asked: string[] = [];
    const resolve: Resolve = (name) => {
      asked.push(name);
      return Promise.resolve([]);
    };
    const call = local({ resolve }).call({ method: 'POST', url: server.url, body: '{}' });
    expect(await reasonOf(call)).toBe('bad_response');
    expect(asked).toEqual([]);
  },
);

test('a redirect back to the allowed origin is not followed either', async () => {
  answer = (_, response) => response.writeHead(302, { location: '/secret' }).end();
  seen.length = 0;
  expect(await reasonOf(local().call({ method: 'GET', url: `${server.url}/first` }))).toBe('bad_response');
  expect(seen.map(({ url }) => url)).toEqual(['/first']);
});

describe('bounds', () => {
  test('a body over the bound is cut while it streams', async () => {
    let sent = 0;
    answer = (_, response) => {
      const more = (): void => {
        while (sent < 64 * 1_048_576 && response.write(Buffer.alloc(65_536))) sent += 65_536;
      };
      response.on('drain', more);
      response.on('error', () => undefined);
      more();
    };
    expect(await reasonOf(local().call({ method: 'GET', url: server.url }))).toBe('too_large');
    expect(sent).toBeLessThan(64 * 1_048_576);
  });

  test('so are headers', async () => {
    answer = (_, response) => response.writeHead(200, { 'x-long': 'a'.repeat(65_536) }).end();
    expect(await reasonOf(local().call({ method: 'GET', url: server.url }))).toBe('too_large');
  });

  test('a body that drips, headers that never come and a peer that is silent end the call', async () => {
    answer = (_, response) => {
      const drip = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drip));
    };
    const hasty = { limits: { headers_ms: 400, total_ms: 1_000 } };
    expect(await reasonOf(local(hasty).call({ method: 'GET', url: server.url }))).toBe('timeout');
    answer = () => undefined;
    expect(await reasonOf(local(hasty).call({ method: 'GET', url: server.url }))).toBe('timeout');
  });

  test('nothing is unpacked: a compressed bomb stays as small as it came', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not unpacked');
    const { body } = await local().call({ method: 'GET', url: server.url });
    expect(body).toBe('not unpacked');
    expect(seen.at(-1)?.headers).toMatchObject({ 'accept-encoding': 'identity' });
  });

  test('a resolver that never answers ends the call', async () => {
    const silent: Resolve = () => new Promise(() => undefined);
    const egress = open({ resolve: silent, limits: { total_ms: 300 } });
    expect(await reasonOf(egress.call({ method: 'GET', url: 'https://slow.example/' }))).toBe('timeout');
  });

  test('what is no HTTP, or nobody there, has a word of its own', async () => {
    const tcp = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const address = tcp.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const egress = open({ allow: [url] });
    expect(await reasonOf(egress.call({ method: 'GET', url }))).toBe('bad_response');
    await new Promise((resolve) => tcp.close(resolve));
    expect(await reasonOf(egress.call({ method: 'GET', url }))).toBe('unreachable');
  });
});

test('the caller cannot say what is ours to say, and its signal ends the call', async () => {
  answer = (_, response) => response.end('fine');
  const headers = {
    Host: '169.254.169.254',
    'Transfer-Encoding': 'chunked',
    'accept-encoding': 'gzip',
    'x-mine': '1',
  };
  await local().call({ method: 'POST', url: server.url, headers, body: '{"a":1}' });
  expect(seen.at(-1)).toMatchObject({
    headers: {
      host: new URL(server.url).host,
      'content-length': '7',
      'accept-encoding': 'identity',
      'x-mine': '1',
    },
    body: '{"a":1}',
  });
  answer = () => undefined;
  const stop = new AbortController();
  const call = local().call({ method: 'GET', url: server.url }, stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(call).rejects.toThrow('cancelled');
});
