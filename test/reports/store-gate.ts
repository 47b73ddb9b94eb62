// Stands between a process and its store, holds what a test wants to be held (the moment at which a process dies), or
// hangs up on everybody.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOn } from '../../local/http-server.js';

export type Held = 'before' | 'after';

export interface StoreGate {
  url: string;
  /** Keys whose writing waits, in the order in which they came. */
  held: string[];
  /** From now on: which writings wait before the store hears of them, or after it has obeyed. */
  hold(wanted: (key: string) => Held | undefined): void;
  /** While it is, no call gets an answer. */
  away: boolean;
  stop(): Promise<void>;
}

export async function startStoreGate(store_url: string): Promise<StoreGate> {
  const target = new URL(store_url);
  let wanted: (key: string) => Held | undefined = () => undefined;
  const held: string[] = [];

  const gate = { away: false };

  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const key = (incoming.url ?? '').split('?')[0] ?? '';
    const point = incoming.method === 'PUT' ? wanted(key) : undefined;
    if (gate.away) return void outgoing.destroy();
    const body = await buffer(incoming);
    if (point === 'before') return void held.push(key); // the caller dies waiting
    const { method, url: path, headers } = incoming;
    const { hostname, port } = target;
    const onward = request({ hostname, port, method, path, headers }, (answer) => {
      if (point === 'after') return void held.push(key);
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    onward.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const listening = await listenOn(server, { port: 0 });
  return Object.assign(gate, {
    url: listening.url,
    held,
    hold(next: typeof wanted) {
      wanted = next;
    },
    stop: () => listening.stop(),
  });
}
