// HTTP as bytes: for requests that no client would send.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface RawConnection {
  socket: Socket;
  /** False once the other side has had enough. */
  write(data: string | Buffer): boolean;
  /** What has been answered so far, whole answers only. */
  answers(): RawAnswer[];
  /** Resolves when the connection is over, in whatever way. */
  closed: Promise<void>;
  end(): void;
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  // a reset is an answer here
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  await once(socket, 'connect');
  return {
    socket,
    closed,
    write: (data) => socket.writable && socket.write(data),
    answers: () => parse(received),
    end: () => socket.destroy(),
  };
}

/** Sends, and waits until it is answered that many times or the connection is over. */
export async function exchange(url: string, data: string | Buffer, answers = 1): Promise<RawAnswer[]> {
  const connection = await openRaw(url);
  const enough = new Promise<void>((resolve) => {
    connection.socket.on('data', () => {
      if (connection.answers().length >= answers) resolve();
    });
  });
  connection.write(data);
  await Promise.race([enough, connection.closed]);
  connection.end();
  return connection.answers();
}

function parse(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) break;
    const [line = '', ...fields] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(
      fields.map((field) => {
        const at = field.indexOf(':');
        return [field.slice(0, at).toLowerCase(), field.slice(at + 1).trim()];
      }),
    );
    const length = Number(headers['content-length'] ?? 0);
    const body = rest.slice(end + 4, end + 4 + length);
    if (body.length < length) break;
    answers.push({ status: Number(line.split(' ')[1]), headers, body });
    rest = rest.slice(end + 4 + length);
  }
  // 100 Continue is a word on the way, not an answer
  return answers.filter(({ status }) => status >= 200);
}
