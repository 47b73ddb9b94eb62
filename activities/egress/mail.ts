// E-mail by the operator's SMTP server.
import { createTransport } from 'nodemailer';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** Of the message, not of the attempt: servers and readers know a repetition by it. */
  id: string;
}

export interface Mailer {
  /** @throws MailError */
  send(mail: Mail): Promise<void>;
}

export type MailReason = 'unreachable' | 'timeout' | 'rejected';

/** One word; the server's own words may name people. */
export class MailError extends Error {
  override name = 'MailError';
  readonly reason: MailReason;

  constructor(reason: MailReason) {
    super(reason);
    this.reason = reason;
  }
}

// together under the half minute that an attempt has
const PATIENCE = {
  dnsTimeout: 3_000,
  connectionTimeout: 5_000,
  greetingTimeout: 5_000,
  socketTimeout: 10_000,
};

export function createMailer({ smtp_url, from }: { smtp_url: string; from: string }): Mailer {
  const transport = createTransport({
    url: smtp_url,
    ...PATIENCE,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const after = from.slice(from.lastIndexOf('@') + 1).trim();
  const host = after.endsWith('>') ? after.slice(0, -1) : after;
  return {
    async send({ to, subject, text, id }) {
      try {
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          messageId: `<${id}@${host}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw new MailError(reasonOf(error));
      }
    },
  };
}

function reasonOf(error: unknown): MailReason {
  const { code, responseCode } = detailsOf(error);
  // a refusal of the message or of its addressee is final (5xx); of ourselves (EAUTH) it is the operator's to mend
  if (
    typeof responseCode === 'number' &&
    responseCode >= 500 &&
    (code === 'EENVELOPE' || code === 'EMESSAGE')
  )
    return 'rejected';
  return code === 'ETIMEDOUT' ? 'timeout' : 'unreachable';
}

function detailsOf(error: unknown): { code?: unknown; responseCode?: unknown } {
  return typeof error === 'object' && error !== null ? error : {};
}
