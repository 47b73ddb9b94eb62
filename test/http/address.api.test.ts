// Whose call it is before sign-in: the peer's, or what a proxy says whom the operator trusts; of IPv6 the whole /64.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAddressOf, limitKeyOf } from '../../api/http/address.js';
import { startTestApi, type TestApi } from '../support/app.js';

const LIMIT = 3;
let proxied: TestApi;
let direct: TestApi;
beforeAll(async () => {
  proxied = await startTestApi({ RATE_LIMIT_PER_MINUTE: String(LIMIT), TRUSTED_PROXIES: '127.0.0.0/8, ::1' });
  direct = await startTestApi({ RATE_LIMIT_PER_MINUTE: String(LIMIT) }, proxied);
});
afterAll(async () => {
  await direct.stop();
  await proxied.stop();
});

const statusFrom = async (api: TestApi, address: string): Promise<number> =>
  (await api.raw('/api/v1/orgs', { headers: { 'cf-connecting-ip': address } })).status;

test('a trusted proxy says who calls, and each has a limit of their own', async () => {
  for (let call = 0; call < LIMIT; call += 1) expect(await statusFrom(proxied, '203.0.113.1')).toBe(401);
  expect(await statusFrom(proxied, '203.0.113.1')).toBe(429);
  expect(await statusFrom(proxied, '203.0.113.2')).toBe(401);
});

test('a host has one limit for all addresses of its /64', async () => {
  for (const host of ['::1', ':2:3:4:5', ':ffff::9'])
    expect(await statusFrom(proxied, `2001:db8:0:1${host}`)).toBe(401);
  expect(await statusFrom(proxied, '2001:db8:0:1:aaaa:bbbb:cccc:dddd')).toBe(429);
  expect(await statusFrom(proxied, '2001:db8:0:2::1')).toBe(401);
});

test('nobody else is believed', async () => {
  const statuses: number[] = [];
  for (let call = 0; call <= LIMIT; call += 1)
    statuses.push(await statusFrom(direct, `203.0.113.${call + 10}`));
  expect(statuses).toEqual([401, 401, 401, 429]);
});

test.each([
  ['a trusted peer', '10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['a trusted peer in IPv6 clothes', '::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['a trusted peer that says nothing', '10.1.2.3', undefined, '10.1.2.3'],
  ['a trusted peer that says no address', '10.1.2.3', 'localhost', '10.1.2.3'],
  ['another peer', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['a peer that is gone', undefined, '203.0.113.9', ''],
])('%s', (_, peer, said, address) => {
  expect(createAddressOf(['10.0.0.0/8', '2001:db8::1'])(peer, said)).toBe(address);
});

test('an address is counted as what it is, however it is written', () => {
  expect(limitKeyOf('203.0.113.9')).toBe('address:203.0.113.9');
  expect(limitKeyOf('')).toBe('address:');
  for (const written of ['2001:db8::1', '2001:db8:0:0:ffff::', '2001:0db8:0000:0000:1:2:3:4', '2001:DB8::2'])
    expect(limitKeyOf(written), written).toBe(limitKeyOf('2001:db8::9'));
  expect(limitKeyOf('::1')).not.toBe(limitKeyOf('2001:db8::1'));
});
