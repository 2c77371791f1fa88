/** A mail to one person. `html` and `text` say the same. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Where one ends the subscription; mail programs show a button for it (RFC 2369). */
  readonly unsubscribe?: string;
}

/** Longest wait for the mail server, milliseconds: a duty holds its lease that long. */
const PATIENCE = 20_000;

/** Sends mail through one SMTP server. */
export class Mailer {
  readonly #url: string;
  readonly #from: string;

  /** `url` as in `smtp://user:password@mail.example.com:587` or `smtps://…`, which is TLS from the first byte. */
  constructor({ url, from }: { url: string; from: string }) {
    this.#url = url;
    this.#from = from;
  }

  /** Resolves when the server has taken it over. Throws whatever the server says. */
  async send({ to, subject, html, text, unsubscribe }: Mail): Promise<void> {
    // Loaded here: most who run Daybook send no mail.
    const { createTransport } = await import('nodemailer');
    const transport = createTransport(this.#url, {
      from: this.#from,
      // What a template might name is never fetched: mails are made of our own text alone.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await within(
        PATIENCE,
        transport.sendMail({
          to: { name: '', address: to },
          subject,
          html,
          text,
          ...(unsubscribe !== undefined && { list: { unsubscribe } }),
          headers: { 'auto-submitted': 'auto-generated' },
        }),
      );
    } finally {
      transport.close();
    }
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the mail server does not answer')), ms);
  return Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
