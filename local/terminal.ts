// Calm lines for a person: one per part, and one that is repainted while something takes long.

export interface Terminal {
  /** A line that stays. */
  say: (line: string) => void;
  /** A line that the next one replaces; where nothing can be repainted, one now and then. */
  paint: (line: string) => void;
  done: (label: string, address: string, took_ms: number) => void;
  warn: (line: string) => void;
}

const QUIET_MS = 15_000;
const LABEL_WIDTH = 22;
const ADDRESS_WIDTH = 46;

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  const tty = stream.isTTY;
  let painted = false;
  let last_paint = Date.now();
  const clear = (): void => {
    if (painted) stream.write('\r\u001B[2K');
    painted = false;
  };
  const say = (line: string): void => {
    clear();
    stream.write(`${line}\n`);
  };
  const colour = (code: number, text: string): string =>
    tty ? `\u001B[${String(code)}m${text}\u001B[0m` : text;
  return {
    say,
    paint(line) {
      if (tty) {
        clear();
        stream.write(line.slice(0, Math.max(20, stream.columns - 1)));
        painted = true;
      } else if (Date.now() - last_paint >= QUIET_MS) {
        last_paint = Date.now();
        stream.write(`${line}\n`);
      }
    },
    done(label, address, took_ms) {
      const seconds = `${(took_ms / 1000).toFixed(1)} s`;
      const place = colour(36, address.padEnd(ADDRESS_WIDTH));
      say(`${colour(32, '✔')} ${label.padEnd(LABEL_WIDTH)} ${place} ${colour(2, seconds)}`);
    },
    warn: (line) => say(`${colour(33, '●')} ${line}`),
  };
}
