// Whose request it is, by address. A proxy's word counts only when the peer is one of ours.
import { BlockList, isIP } from 'node:net';

export type AddressOf = (peer: string | undefined, cf_connecting_ip: string | undefined) => string;

/**
 * @param trusted addresses and CIDR blocks
 * @throws Error for what is neither
 */
export function createAddressOf(trusted: readonly string[]): AddressOf {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const [address = '', prefix] = entry.split('/');
    if (isIP(address) === 0) throw new Error(`must be addresses or CIDR blocks, which ${entry} is not`);
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(prefix), family);
  }
  return (peer, cf_connecting_ip) => {
    const direct = plain(peer ?? '');
    const family = isIP(direct) === 6 ? 'ipv6' : 'ipv4';
    const believed = cf_connecting_ip !== undefined && isIP(cf_connecting_ip) !== 0;
    if (believed && isIP(direct) !== 0 && proxies.check(direct, family)) return plain(cf_connecting_ip);
    return direct;
  };
}

/** IPv4 in its IPv6 clothes is the same peer. */
function plain(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
}

/** A home or a host owns a whole /64, so that is what an IPv6 limit counts. */
export function limitKeyOf(address: string): string {
  if (isIP(address) !== 6) return `address:${address}`;
  const [head = '', tail = ''] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const network = [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16));
  return `address:${network.join(':')}::/64`;
}
