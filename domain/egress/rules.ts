// Where we may call: decided from the URL alone. What the name resolves to is judged when the call is made.

export const MAX_URL_LENGTH = 2048;

/** Names that mean this machine or this network, whatever a resolver says. */
const LOCAL_NAME = /^(?:[^.]+|.*\.(?:localhost|local|internal|intranet|lan|home\.arpa|corp))$/;
/** The URL parser has written every spelling of an IPv4 address (octal, hex, one number) in this form by then. */
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

export interface EndpointRules {
  /** Origins (`http://127.0.0.1:9001`) that are let through as they are; for tests. */
  allow: readonly string[];
  /** Hosts that are this installation itself. */
  own_hosts?: readonly string[];
}

/** True for what the operator has let through by its exact origin. */
export function isAllowedOrigin(url: URL, allow: readonly string[]): boolean {
  return allow.some((origin) => URL.canParse(origin) && new URL(origin).origin === url.origin);
}

/** What is wrong with a URL that somebody wants us to call, as a sentence; undefined when nothing is. */
export function endpointProblem(
  address: string,
  { allow, own_hosts = [] }: EndpointRules,
): string | undefined {
  if (address.length > MAX_URL_LENGTH) return `must have at most ${MAX_URL_LENGTH} characters`;
  if (!URL.canParse(address)) return 'must be an https URL';
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (isAllowedOrigin(url, allow)) return undefined;
  if (url.protocol !== 'https:') return 'must be an https URL';
  if (url.port !== '') return 'must use port 443';
  if (isIpLiteral(url.hostname)) return 'must name a host, not an address';
  const name = url.hostname.replace(/\.$/, '');
  if (LOCAL_NAME.test(name)) return 'must name a public host';
  if (own_hosts.includes(name)) return 'must not be this installation itself';
  return undefined;
}

function isIpLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || IPV4.test(hostname);
}
