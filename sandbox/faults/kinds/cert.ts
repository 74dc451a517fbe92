/** Certificates that go wrong: a file of a server (`/etc/kubernetes/pki/apiserver.crt`), or `tls.crt` of a Secret (`namespace/name`). Healed by what was there. */
import { FaultError } from '../errors.ts';
import type { Ground, Server } from '../ground.ts';
import type { Plan, Planner } from '../plan.ts';
import type { CertificatePlace, Remains } from '../remains.ts';
import type { RequestOf } from '../request.ts';
import { serversOf, unknown } from '../targets.ts';
import { certificatesIn, forge, type Authority } from './forged.ts';

export const cert: Planner<'cert'> = async ({ target, node, cluster, how }, _id, { ground, remains }) => {
  if (remains?.kind === 'certificate') return planFor(remains, how, placeAt(ground, remains.place));
  const servers = serversOf({ node, cluster }, ground);
  const found = target.startsWith('/') ? await findFile(ground, servers, target) : await findSecret(ground, servers, target);
  const place = placeAt(ground, found);
  const before = await place.read();
  if (certificatesIn(before).length === 0) throw new FaultError('FAULT_BAD_PARAMETER', `${place.name} holds no PEM certificate; name one that does`);
  const { pem, isSignedByIssuer } = await forge(before, { how, now: Date.now(), authorities: await place.authorities() });
  return planFor({ kind: 'certificate', place: found, before, forged: pem, isSignedByIssuer }, how, place);
};

function planFor(remains: Extract<Remains, { kind: 'certificate' }>, how: RequestOf<'cert'>['how'], place: Place): Plan {
  const { before, forged, isSignedByIssuer } = remains;
  const now = async (): Promise<'forged' | 'before' | 'other'> => {
    const text = await place.read();
    return text === forged ? 'forged' : text === before ? 'before' : 'other';
  };
  const states = { expired: 'has expired', 'not-yet-valid': 'is not valid yet', replaced: 'was replaced on disk; whoever loaded it before still has the former one' } as const;
  return {
    summary: `the certificate in ${place.name} ${states[how]}${isSignedByIssuer ? '' : ' (and is signed by nobody known: the key of its issuer is not at hand)'}`,
    servers: place.servers,
    remains,
    apply: () => place.write(forged),
    observe: async () => ({ forged: 'in place', before: 'the former one is back', other: 'somebody wrote another one meanwhile' })[await now()],
    undo: async () => {
      if ((await now()) === 'other') return `${place.name} was written by somebody else meanwhile and stays as it is`;
      await place.restore(before);
      return undefined;
    },
  };
}

/** Where a certificate stands. */
interface Place {
  readonly name: string;
  readonly servers: readonly string[];
  read(): Promise<string>;
  write(pem: string): Promise<void>;
  restore(pem: string): Promise<void>;
  /** Authorities whose keys lie beside it. */
  authorities(): Promise<Authority[]>;
}

type FilePlace = Extract<CertificatePlace, { kind: 'file' }>;
type SecretPlace = Extract<CertificatePlace, { kind: 'secret' }>;

function placeAt(ground: Ground, place: CertificatePlace): Place {
  return place.kind === 'file' ? fileAt(ground, place) : secretAt(ground, place);
}

async function shell(ground: Ground, server: Pick<Server, 'id' | 'name'>, script: string, args: readonly string[], stdin?: string): Promise<string> {
  const { status, stdout, stderr } = await ground.exec(server.id, ['sh', '-euc', script, 'sh', ...args], stdin === undefined ? {} : { stdin });
  if (status !== 0) throw new FaultError('FAULT_NOT_APPLIED', `server ${server.name}: ${args.join(' ')}: ${stderr.trim() || `exit status ${status}`}`);
  return stdout;
}

async function findFile(ground: Ground, servers: readonly Server[], path: string): Promise<FilePlace> {
  const found: Server[] = [];
  for (const server of servers) if ((await ground.exec(server.id, ['test', '-f', path])).status === 0) found.push(server);
  const [server, ...others] = found;
  if (!server) {
    const listed = await Promise.all(servers.map((one) => ground.exec(one.id, ['sh', '-c', 'find /etc/kubernetes /var/lib/kubelet/pki -name "*.crt" -o -name "*.pem" 2> /dev/null'])));
    throw unknown(`certificate file on ${servers.map((one) => one.name).join(', ')} named`, path, [...new Set(listed.flatMap(({ stdout }) => stdout.split('\n').filter((line) => line !== '')))]);
  }
  if (others.length > 0) throw new FaultError('FAULT_AMBIGUOUS_TARGET', `${path} is on ${found.map((one) => one.name).join(', ')}; choose one with --node`);
  return { kind: 'file', server: { id: server.id, name: server.name }, path, changedAt: (await shell(ground, server, 'stat -c %.Y "$1"', [path])).trim() };
}

/** Written in place, so that owner, mode and every link to it stay; the time of its last change is put back when it is healed. */
function fileAt(ground: Ground, { server, path, changedAt }: FilePlace): Place {
  const write = async (pem: string): Promise<void> => { await shell(ground, server, 'cat > "$1"', [path], pem); };
  return {
    name: `${path} of ${server.name}`,
    servers: [server.id],
    read: () => shell(ground, server, 'cat "$1"', [path]),
    write,
    restore: async (pem) => {
      await write(pem);
      await shell(ground, server, 'touch -d "@$2" "$1"', [path, changedAt]);
    },
    authorities: async () => {
      const folder = path.slice(0, path.lastIndexOf('/'));
      const script = 'for ca in "$1"/*ca.crt "$1"/../*ca.crt; do key="${ca%.crt}.key"; [ ! -f "$ca" ] || [ ! -f "$key" ] || { cat "$ca" "$key"; echo; echo ======; }; done';
      return (await shell(ground, server, script, [folder])).split('======').flatMap((text) => {
        const [certificate] = certificatesIn(text);
        const key = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+-----END [A-Z ]*PRIVATE KEY-----/.exec(text)?.[0];
        return certificate && key ? [{ certificate, key }] : [];
      });
    },
  };
}

interface Secret { readonly data?: Readonly<Record<string, string>> }

async function findSecret(ground: Ground, servers: readonly Server[], target: string): Promise<SecretPlace> {
  const [namespace, name, ...more] = target.split('/');
  if (!namespace || !name || more.length > 0) throw new FaultError('FAULT_BAD_PARAMETER', `cert ${target}: name a file of a server (/etc/kubernetes/pki/apiserver.crt) or a Secret (namespace/name)`);
  const planes: Server[] = [];
  for (const server of servers) if ((await ground.exec(server.id, ['test', '-f', '/etc/kubernetes/admin.conf'])).status === 0) planes.push(server);
  const [plane] = planes;
  if (!plane) throw new FaultError('FAULT_UNKNOWN_TARGET', `cert ${target}: no control plane among ${servers.map((one) => one.name).join(', ') || 'no servers'}; choose the cluster with --cluster`);
  if (new Set(planes.map((one) => one.cluster)).size > 1) throw new FaultError('FAULT_AMBIGUOUS_TARGET', `cert ${target}: several clusters run (${planes.map((one) => one.cluster).join(', ')}); choose one with --cluster`);
  return { kind: 'secret', plane: { id: plane.id, name: plane.name }, ...(plane.cluster === undefined ? {} : { cluster: plane.cluster }), namespace, name };
}

/** Through kubectl on a control plane of the cluster: the fault works whatever of the sandbox's own ways is broken. */
function secretAt(ground: Ground, { plane, cluster, namespace, name }: SecretPlace): Place {
  const kubectl = (args: readonly string[]): Promise<string> => shell(ground, plane, 'KUBECONFIG=/etc/kubernetes/admin.conf exec kubectl "$@"', args);
  const read = async (): Promise<string> => {
    const secret = JSON.parse(await kubectl(['-n', namespace, 'get', 'secret', name, '-o', 'json'])) as Secret;
    return Buffer.from(secret.data?.['tls.crt'] ?? '', 'base64').toString();
  };
  const write = async (pem: string): Promise<void> => {
    await kubectl(['-n', namespace, 'patch', 'secret', name, '--type', 'merge', '-p', JSON.stringify({ data: { 'tls.crt': Buffer.from(pem).toString('base64') } })]);
  };
  return {
    name: `Secret ${namespace}/${name}${cluster === undefined ? '' : ` of cluster ${cluster}`}`,
    servers: [plane.id],
    read, write, restore: write,
    authorities: async () => {
      const { items } = JSON.parse(await kubectl(['get', 'secrets', '-A', '-o', 'json', '--field-selector', 'type=kubernetes.io/tls'])) as { items: readonly Secret[] };
      return items.flatMap(({ data }) => {
        const [certificate] = certificatesIn(Buffer.from(data?.['tls.crt'] ?? '', 'base64').toString());
        const key = Buffer.from(data?.['tls.key'] ?? '', 'base64').toString();
        return certificate && key ? [{ certificate, key }] : [];
      });
    },
  };
}
