// The middleware chain: an authenticated request that does nothing, beside a server that does nothing.
import Router from '@koa/router';
import Koa from 'koa';
import pino from 'pino';
import { z } from 'zod';
import { readApiConfig } from '../../api/config.js';
import { wire } from '../../api/deps.js';
import { createAccessKeys } from '../../api/http/access-keys.js';
import { createTokenVerifier } from '../../api/http/access-token.js';
import type { EdgeState } from '../../api/http/edge.js';
import { outermost } from '../../api/http/outermost.js';
import { route } from '../../api/http/route.js';
import { createRouter } from '../../api/router.js';
import { listenOn } from '../../local/http-server.js';
import { createServer } from 'node:http';
import { byTurns, type Measure, p50, type Row, timed } from '../harness.js';
import type { Stage } from '../stage.js';

const CALLS = 500;
const KEYS = `bench:${Buffer.alloc(32, 7).toString('base64')}`;

export function edgeRows(stage: Stage): Row[] {
  return [
    { id: 4, title: 'The middleware chain', run: async () => [await chain(stage), await seenToken(stage)] },
  ];
}

async function chain(stage: Stage): Promise<Measure> {
  const { access } = stage;
  const config = readApiConfig({
    DATABASE_APP_URL: stage.app_url,
    ACCESS_TEAM_DOMAIN: access.url,
    ACCESS_AUD: access.aud,
    PAYLOAD_KEYS: KEYS,
    RATE_LIMIT_PER_MINUTE: '0',
  });
  const log = pino({ level: 'silent' });
  const wiring = wire(config, { log, version: 'bench', parse_responses: false, process_metrics: false });
  await wiring.keys.start();
  const nothing = route({
    name: 'bench.nothing',
    method: 'get',
    path: '/nothing',
    permission: 'signed-in',
    summary: 'Nothing',
    response: z.object({ ok: z.boolean() }),
    handler: () => ({ ok: true }),
  });
  const ours = new Koa<EdgeState>();
  ours.use(outermost(wiring.edge)).use(createRouter(wiring.edge, [nothing]).routes());
  const bare = new Koa();
  const router = new Router();
  router.get('/api/v1/nothing', (context) => {
    context.body = { ok: true };
  });
  bare.use(router.routes());
  const [here, there] = await Promise.all([serve(bare.callback()), serve(ours.callback())]);
  const headers = { authorization: `Bearer ${stage.token}` };
  const call = (url: string) => () =>
    p50(CALLS, async () => {
      const response = await fetch(`${url}/api/v1/nothing`, { headers });
      await response.text();
      if (response.status !== 200) throw new Error(`status ${String(response.status)}`);
    });
  const figures = await byTurns(call(here.url), call(there.url), 5);
  await Promise.all([here.stop(), there.stop()]);
  await wiring.close();
  return {
    what: 'an authenticated no-op over a bare Koa router, p50',
    unit: 'ms',
    goal: '≤ 3',
    holds: (ratio) => ratio <= 3,
    ...figures,
  };
}

function serve(callback: ReturnType<Koa['callback']>) {
  return listenOn(
    createServer((req, res) => void callback(req, res)),
    { port: 0 },
  );
}

async function seenToken({ access, token }: Stage): Promise<Measure> {
  const keys = createAccessKeys({ url: `${access.url}/cdn-cgi/access/certs`, onRefresh: () => undefined });
  await keys.start();
  const verifier = createTokenVerifier({ keys, issuer: access.url, audience: [access.aud] });
  await verifier.verify(token);
  const TIMES = 20_000;
  const microseconds = async (): Promise<number> => {
    const ms = await timed(async () => {
      for (let time = 0; time < TIMES; time += 1) await verifier.verify(token);
    });
    return (ms * 1000) / TIMES;
  };
  const ten = (): Promise<number> => Promise.resolve(10);
  const figures = await byTurns(ten, microseconds);
  keys.stop();
  return {
    what: 'a token seen before',
    unit: 'µs',
    goal: '≤ 10 µs',
    holds: (ratio) => ratio <= 1,
    ...figures,
  };
}
