/**
 * Certificates in the keys of Secrets and ConfigMaps, kept by list and watch. Of an object only its lines are stored:
 * what its other keys hold is dropped before anything is cached. RBAC cannot limit reading to one type of Secret: whoever
 * may list them may read them all, which is why namespaces can be named instead.
 */
import { matchesGlob } from 'node:path';
import { keyOf } from '../../../provisioner/kube/key.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { Sample, SeriesStore } from '../../core/store.ts';
import type { Place, SkipReason } from '../catalogue.ts';
import type { Config } from '../config.ts';
import { isPkcs12, readContent } from '../formats/content.ts';
import type { Found } from '../formats/found.ts';
import { isJks } from '../formats/jks.ts';
import { certificateSamples, crlSamples, type Labels } from '../samples.ts';
import { fingerprintOf } from '../x509/identity.ts';

import { bare, type Kept, type Selection } from './watched.ts';

export interface KeptData extends Kept {
  /** SHA-256 prefix of the first certificate of tls.crt, where somebody wants to compare it. */
  readonly leaf?: string | undefined;
}

/** A keystore that takes time to open: read outside of the transform, and never cached. */
export interface Keystore {
  readonly object: string;
  readonly resourceVersion: string;
  readonly key: string;
  readonly content: Buffer;
  readonly passphrase: string | undefined;
  readonly labels: Labels;
}

export interface DataOptions {
  readonly store: SeriesStore;
  readonly keys: readonly string[];
  readonly passphrases: Config['secrets']['passphrases'];
  /** Contents of passphrase files, by path. */
  readonly passphraseIn: (path: string) => string | undefined;
  /** Whether somebody compares the leaf of this Secret ("namespace/name"). */
  readonly wantsLeaf: (object: string) => boolean;
  readonly onKeystore: (keystore: Keystore) => void;
}

/** Secrets by type and namespace, selected by the API server. */
export function secretSelections({ namespaces, types, labelSelector }: Config['secrets']): Selection[] {
  const fields = types.includes('*') ? [undefined] : types.map((type) => `type=${type}`);
  return scopes(namespaces).flatMap((namespace) => fields.map((fieldSelector) => ({ resource: resources.secrets, namespace, fieldSelector, labelSelector: labelSelector || undefined })));
}

export function configMapSelections({ namespaces, labelSelector }: Config['configMaps']): Selection[] {
  return scopes(namespaces).map((namespace) => ({ resource: resources.configMaps, namespace, labelSelector: labelSelector || undefined }));
}

const scopes = (namespaces: readonly string[]): readonly (string | undefined)[] => (namespaces.length ? [...new Set(namespaces)] : [undefined]);

/** Runs on every object before it is cached. Nothing of its data but dates, serial numbers and public names leaves this function. */
export function keepData(object: KubeObject, options: DataOptions): KeptData {
  const isSecret = object.kind === 'Secret';
  const contents = contentsOf(object);
  const samples: Sample[] = [];
  const problems: SkipReason[] = [];
  let collisions = 0;
  let leaf: string | undefined;
  for (const key of wantedKeys(contents, options.keys)) {
    const content = contents.read(key);
    if (!content) continue;
    if (isPkcs12(content)) {
      options.onKeystore({ ...keystoreOf(object, key, options), content });
      continue;
    }
    const found = readContent(content, isJks(content) ? [passphraseOf(contents, key, options)].filter((one) => one !== undefined) : []);
    const labels = labelsOf(object, key);
    const rendered = samplesOf({ place: placeOf(object), labels, key, found, store: options.store });
    samples.push(...rendered.samples);
    collisions += rendered.collisions;
    problems.push(...found.problems);
    const [first] = found.certificates;
    if (key === 'tls.crt' && isSecret) {
      if (!first && found.problems.length === 0) problems.push('no_certificate');
      if (first && options.wantsLeaf(keyOf(object.metadata))) leaf = fingerprintOf(first.der);
    }
  }
  return { ...bare(object), lines: options.store.render(samples), problems, collisions, ...(leaf && { leaf }) };
}

export const placeOf = (object: { readonly kind: string }): Place => (object.kind === 'Secret' ? 'cert_exporter_secret' : 'cert_exporter_configmap');

/** Samples of what one key holds. */
export function samplesOf(of: { place: Place; labels: Labels; key: string; found: Found; store: SeriesStore }): { samples: readonly Sample[]; collisions: number } {
  const { place, labels, key, found, store } = of;
  const { samples, collisions } = certificateSamples(place, labels, found.certificates, store.has(`${place}_info`));
  const { name = '', namespace = '' } = labels;
  return { samples: [...samples, ...crlSamples({ name, namespace, key }, found.crls)], collisions };
}

function labelsOf({ kind, metadata }: KubeObject, key: string): Labels {
  const { name, namespace = '', annotations } = metadata;
  if (kind !== 'Secret') return { name, namespace, configmapkey: key };
  return { name, namespace, secretkey: key, certificatename: annotations?.['cert-manager.io/certificate-name'] ?? '' };
}

function keystoreOf(object: KubeObject, key: string, options: DataOptions): Omit<Keystore, 'content'> {
  return {
    object: keyOf(object.metadata), resourceVersion: object.metadata.resourceVersion ?? '', key, labels: labelsOf(object, key),
    passphrase: passphraseOf(contentsOf(object), key, options),
  };
}

interface Contents {
  readonly keys: readonly string[];
  read(key: string): Buffer | undefined;
}

/** Secrets have base64 in data; ConfigMaps text in data and base64 in binaryData. */
function contentsOf(object: KubeObject): Contents {
  const data = (object['data'] ?? {}) as Readonly<Record<string, string | undefined>>;
  const binary = (object['binaryData'] ?? {}) as Readonly<Record<string, string | undefined>>;
  const encoding = object.kind === 'Secret' ? 'base64' : 'utf8';
  return {
    keys: [...Object.keys(data), ...Object.keys(binary)],
    read(key) {
      const text = data[key];
      if (text !== undefined) return Buffer.from(text, encoding);
      return binary[key] === undefined ? undefined : Buffer.from(binary[key], 'base64');
    },
  };
}

/** In the order of the patterns; tls.crt counts as wanted and missing when there is a pattern for it alone. */
function wantedKeys(contents: Contents, patterns: readonly string[]): string[] {
  const found = new Set<string>();
  for (const pattern of patterns) {
    if (pattern === 'tls.crt' || contents.keys.includes(pattern)) found.add(pattern);
    else if (/[*?[{]/.test(pattern)) for (const key of contents.keys) if (matchesGlob(key, pattern)) found.add(key);
  }
  return [...found].map((key) => key);
}

function passphraseOf(contents: Contents, key: string, { passphrases, passphraseIn }: DataOptions): string | undefined {
  const rule = passphrases.find((one) => one.key === key || matchesGlob(key, one.key));
  if (rule?.passphraseKey) return contents.read(rule.passphraseKey)?.toString('utf8').split(/\r?\n/, 1)[0];
  return rule?.passphraseFile ? passphraseIn(rule.passphraseFile) : undefined;
}
