import { parseArgs } from 'node:util';
import { IssuerNotStartedError, mintToken, type TokenHolder } from './access-issuer.js';

// npm run token -- --email E [--expires 1h]. Prints the token and nothing else, so that it can be used as $(…).

const USAGE = 'Usage: npm run token -- --email you@demo.example [--expires 1h]   (or --service CLIENT_ID)';
const UNIT_S = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

class UsageError extends Error {}

try {
  try {
    process.loadEnvFile();
  } catch {
    // There is no .env: the environment alone counts.
  }
  const { holder, expires_s } = readArguments(process.argv.slice(2));
  if (process.env.ACCESS_TEAM_DOMAIN) {
    throw new UsageError(
      'ACCESS_TEAM_DOMAIN is set: tokens come from that Access team, not from the embedded issuer.',
    );
  }
  const token = await mintToken({ ...holder, expires_s, data_dir: process.env.DATA_DIR ?? '.data' });
  process.stdout.write(`${token}\n`);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof IssuerNotStartedError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function readArguments(args: string[]): { holder: TokenHolder; expires_s: number } {
  const { email, service, expires } = parse(args);
  if (email !== undefined && service === undefined) {
    if (!/^[^\s@]+@[^\s@]+$/.test(email))
      throw new UsageError(`"${email}" is not an e-mail address. ${USAGE}`);
    return { holder: { email }, expires_s: seconds(expires) };
  }
  if (service !== undefined && service !== '' && email === undefined) {
    return { holder: { common_name: service }, expires_s: seconds(expires) };
  }
  throw new UsageError(USAGE);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        email: { type: 'string' },
        service: { type: 'string' },
        expires: { type: 'string', default: '1h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}. ${USAGE}`);
  }
}

function seconds(text: string): number {
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  const unit = match?.[2];
  if (match?.[1] === undefined || !isUnit(unit)) {
    throw new UsageError(`--expires takes a number and s, m, h or d (30m, 1h, 7d), not "${text}".`);
  }
  return Number(match[1]) * UNIT_S[unit];
}

function isUnit(value: string | undefined): value is keyof typeof UNIT_S {
  return value !== undefined && Object.hasOwn(UNIT_S, value);
}
