/* Receivers of notices: a webhook's and a mail server's side, each doing what a test tells it to. */
import { createServer, type ServerResponse } from 'node:http';
import { SMTPServer } from 'smtp-server';
import { listenOn } from '../../../local/http-server.js';

export interface Caught {
  id: string;
  headers: Record<string, string>;
  body: string;
  status: number;
}

export interface HookCatcher {
  url: string;
  caught: Caught[];
  /** The next answer to a message, by how often it has come before. */
  answer: (times_before: number, id: string) => number | Promise<number>;
  of(id: string): Caught[];
  close(): Promise<void>;
}

export async function startHookCatcher(): Promise<HookCatcher> {
  const caught: Caught[] = [];
  const of = (id: string): Caught[] => caught.filter((each) => each.id === id);
  const catcher: Omit<HookCatcher, 'url' | 'close'> = { caught, of, answer: () => 204 };
  const reply = async (
    headers: Record<string, string>,
    body: string,
    response: ServerResponse,
  ): Promise<void> => {
    const id = headers['webhook-id'] ?? '';
    const entry = { id, headers, body, status: 0 };
    const before = of(id).length;
    caught.push(entry);
    entry.status = await catcher.answer(before, id);
    response.writeHead(entry.status).end();
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      void reply(headers, body, response);
    });
  });
  const listening = await listenOn(server, { port: 0 });
  return Object.assign(catcher, { url: listening.url, close: () => listening.stop() });
}

export interface CaughtMail {
  to: string[];
  /** With the soft line breaks of quoted-printable undone. */
  text: string;
  /** Whether the server took it. */
  taken: boolean;
}

export interface MailCatcher {
  url: string;
  mails: CaughtMail[];
  /** So many messages are put off with 451 before one is taken. */
  refusals: number;
  close(): Promise<void>;
}

export async function startMailCatcher(): Promise<MailCatcher> {
  const mails: CaughtMail[] = [];
  const catcher = { mails, refusals: 0 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      let text = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      stream.on('end', () => {
        const taken = catcher.refusals <= 0;
        catcher.refusals -= 1;
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          text: text.replaceAll('=\r\n', ''),
          taken,
        });
        done(taken ? null : Object.assign(new Error('try later'), { responseCode: 451 }));
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(catcher, {
    url: `smtp://127.0.0.1:${String(port)}`,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}
