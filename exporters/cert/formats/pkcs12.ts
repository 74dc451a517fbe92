/** PKCS#12 files (RFC 7292), opened one at a time in a worker that ends when there is nothing left to open. */
import { Worker } from 'node:worker_threads';
import { readCertificate } from '../x509/certificate.ts';
import { problem, type Found } from './found.ts';
import type { Pkcs12Answer, Pkcs12Job } from './pkcs12-worker.ts';

/** Keys are derived with up to some 600,000 rounds in practice, two seconds of one core; who asks for more gets no answer. */
const deadlineMs = 15_000;
/** Starting the worker costs 100 ms and 20 MB; files come in groups. */
const idleMs = 5000;

export interface Pkcs12Reader {
  read(content: Buffer, passphrases: readonly string[]): Promise<Found>;
  stop(): Promise<void>;
}

export class Pkcs12 implements Pkcs12Reader {
  readonly #entry: URL;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param entry a module that loads pkcs12-worker.ts when it is not the main thread */
  constructor(entry: URL) {
    this.#entry = entry;
  }

  /** Never rejects: what cannot be opened in time is a problem of the file. */
  async read(content: Buffer, passphrases: readonly string[]): Promise<Found> {
    const turn = this.#last.then(() => this.#ask({ content, passphrases }));
    this.#last = turn;
    const answer = await turn;
    if (answer.kind !== 'opened') return problem(answer.kind);
    const certificates = answer.certificates.map((der) => readCertificate(Buffer.from(der)));
    return { certificates: certificates.filter((one) => one !== undefined), crls: [], problems: certificates.flatMap((one) => (one ? [] : ['bad_certificate' as const])) };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(job: Pkcs12Job): Promise<Pkcs12Answer> {
    clearTimeout(this.#idle);
    const worker = (this.#worker ??= new Worker(this.#entry, { stderr: false }));
    try {
      return await answerOf(worker, job);
    } catch {
      await this.stop(); // crashed or too slow: the next file gets a new one
      return { kind: 'bad_pkcs12' };
    } finally {
      this.#idle = setTimeout(() => void this.stop(), idleMs);
      this.#idle.unref();
    }
  }
}

function answerOf(worker: Worker, job: Pkcs12Job): Promise<Pkcs12Answer> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      settle();
    };
    const onMessage = (answer: Pkcs12Answer): void => end(() => resolve(answer));
    const onError = (error: Error): void => end(() => reject(error));
    const onExit = (): void => end(() => reject(new Error('the worker ended')));
    const timer = setTimeout(() => end(() => reject(new Error(`not opened within ${deadlineMs} ms`))), deadlineMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(job);
  });
}
