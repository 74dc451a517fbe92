/** Takes mail as an SMTP server does (RFC 5321), as much of it as Alertmanager speaks without TLS and login, and keeps it. */
import { createServer, type AddressInfo, type Server } from 'node:net';

export interface Mail {
  readonly to: readonly string[];
  /** Headers and body, with quoted-printable undone. */
  readonly text: string;
}

export async function startMailServer(): Promise<{ readonly port: number; readonly mails: readonly Mail[]; stop(): void }> {
  const mails: Mail[] = [];
  const server: Server = createServer((socket) => {
    let [rest, isData, data, to]: [string, boolean, string[], string[]] = ['', false, [], []];
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    const line = (text: string): void => {
      if (isData && text === '.') {
        mails.push({ to, text: unquoted(data.join('\n')) });
        [isData, data, to] = [false, [], []];
        return say('250 taken');
      }
      if (isData) return void data.push(text);
      const [verb = ''] = text.toUpperCase().split(' ');
      if (verb === 'RCPT') to.push(/<(.*)>/.exec(text)?.[1] ?? '');
      isData = verb === 'DATA';
      say(isData ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 fine');
    };
    socket.on('error', () => undefined).on('data', (part) => {
      const lines = (rest + part.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      lines.forEach(line);
    });
    say('220 here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, mails, stop: () => void server.close() };
}

const unquoted = (text: string): string => Buffer.from(text.replaceAll('=\n', '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1').toString('utf8');
