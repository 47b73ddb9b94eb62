// Which addresses are the public internet. Everything that is not is refused, whatever name it came under.
import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/** All addresses of a name. An argument, so that tests can play a hostile resolver. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

export const resolveBySystem: Resolve = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

/** Where the registries hand out IPv6; outside it, mapped, translated and retired forms reach IPv4 or ourselves. */
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_IPV6);
}

export class RefusedAddressError extends Error {
  override name = 'RefusedAddressError';
}

/**
 * The addresses to dial. One that is not public condemns the name: whoever mixes them hopes for the second try.
 *
 * @throws RefusedAddressError
 */
export async function publicAddresses(hostname: string, resolve: Resolve): Promise<LookupAddress[]> {
  const found = await resolve(hostname);
  if (found.length === 0 || !found.every(({ address }) => isPublicAddress(address)))
    throw new RefusedAddressError();
  return [...found];
}
