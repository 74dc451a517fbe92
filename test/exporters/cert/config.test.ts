import { flags, schema, type Config } from '../../../exporters/cert/config.ts';
import { configOf } from '../config-files.ts';

describe('the configuration of cert-exporter', () => {
  const load = (text: string, argv: string[] = []): Promise<Config> => configOf(schema, flags, text, argv);
  const problems = (text: string): Promise<string[]> => load(text).then(() => [], (error: Error) => error.message.split('\n').slice(1).map((line) => line.trim()));

  test('all problems come at once, wherever they are, with the nearest known key', async () => {
    const found = await problems(`
files: {directories: [etc], maxfilebytes: 1}
secret: {}
secrets: {types: []}
endpoints: {targets: [{adress: "a:1"}, {address: "no port"}, {address: "a:1", servesFile: /a, servesSecret: a/b}]}
vaultTokens: {url: "ftp://x"}
`);
    for (const wanted of [
      'files.directories.0: must be an absolute path', 'files.maxfilebytes: unknown key; did you mean "maxFileBytes"?', 'secret: unknown key; did you mean "secrets"?',
      'secrets.types: ', 'endpoints.targets.0.adress: unknown key; did you mean "address"?', 'endpoints.targets.1.address: must be host:port',
      'endpoints.targets.2: name servesFile or servesSecret, not both', 'vaultTokens.url: ',
    ]) expect(found.filter((line) => line.startsWith(wanted))).toHaveLength(1);
  });

  test.each([
    ['files: {enabled: true}', 'files.directories: files are on and nothing is named'],
    ['files: {enabled: false}\nsecrets: {enabled: false}', '(top): no source is on'],
    ['files: {enabled: false}\nvaultTokens: {url: "http://v"}', 'vaultTokens: url (--vault-url) and tokenFiles'],
    ['files: {enabled: false}\nsecrets: {enabled: false}\nendpoints: {targets: [{address: "a:1", servesSecret: a/b}]}', 'endpoints.targets.0.servesSecret: Secrets are not watched'],
  ])('%j is refused', async (text, message) => {
    expect((await problems(text))[0]).toContain(message);
  });

  test('the flags of the exporter that it replaces', async () => {
    const config = await load('', [
      '--address=:1', '--cert-paths=/a,/b', '--namespaces=x,y', '--monitor-files=true', '--monitor-secrets=false', '--monitor-certificates=true', '--token-path=/t', '--vault-url=https://v:8200',
    ]);
    expect(config).toMatchObject({
      address: ':1', files: { enabled: true, directories: ['/a', '/b'] }, secrets: { enabled: false, namespaces: ['x', 'y'] },
      certificates: { enabled: true, namespaces: ['x', 'y'] }, vaultTokens: { url: 'https://v:8200', tokenFiles: ['/t'] },
    });
  });
});
