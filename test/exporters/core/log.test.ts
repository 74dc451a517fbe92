import { jsonLog } from '../../../exporters/core/log.ts';
import { ExporterError } from '../../../exporters/core/errors.ts';

const logOf = (level: 'debug' | 'info' | 'warn' | 'error'): { lines: string[]; log: ReturnType<typeof jsonLog> } => {
  const lines: string[] = [];
  return { lines, log: jsonLog({ name: 'x', level, write: (line) => lines.push(line), now: () => new Date(1000) }) };
};

test('a line is one JSON object with the levels of pino', () => {
  const { lines, log } = logOf('info');
  log.warn({ path: 'a\nb' }, 'skipped');
  expect(lines).toEqual(['{"level":40,"time":1000,"name":"x","path":"a\\nb","msg":"skipped"}\n']);
});

test('less severe lines are left out', () => {
  const { lines, log } = logOf('warn');
  log.info({}, 'no');
  log.debug({}, 'no');
  log.error({}, 'yes');
  expect(lines).toHaveLength(1);
});

test('errors are written with code, message and cause', () => {
  const { lines, log } = logOf('info');
  log.error({ err: new ExporterError('LISTEN_FAILED', 'listen', { cause: new Error('EADDRINUSE') }) }, 'failed');
  expect(JSON.parse(lines[0]!)).toMatchObject({ err: { type: 'ExporterError', code: 'LISTEN_FAILED', message: 'listen', cause: { message: 'EADDRINUSE' } } });
});
