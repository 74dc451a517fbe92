/** Objects written into etcd below an API server: a thousand clusters in seconds, where the API itself takes a quarter of an hour. */
import { type KubeObject, type Resource } from '../../provisioner/kube/index.ts';

/** As the API server stores them: JSON is read for every kind, whatever it writes itself. k8s.io/apiserver/pkg/server/storage/storage_codec.go */
export class EtcdWriter {
  readonly #url: string;
  #puts: { readonly requestPut: { readonly key: string; readonly value: string } }[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async put(resource: Resource, object: KubeObject): Promise<void> {
    const { resourceVersion: _, ...metadata } = object.metadata;
    const key = ['/registry', ...(isBuiltIn(resource) ? [] : [resource.group]), resource.plural, ...(resource.namespaced ? [metadata.namespace] : []), metadata.name].join('/');
    this.#puts.push({ requestPut: { key: base64(key), value: base64(JSON.stringify({ ...object, metadata })) } });
    if (this.#puts.length >= atOnce) await this.flush();
  }

  async flush(): Promise<void> {
    const success = this.#puts;
    this.#puts = [];
    if (success.length === 0) return;
    const answer = await fetch(`${this.#url}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) });
    if (!answer.ok) throw new Error(`etcd refuses ${success.length} objects: ${await answer.text()}`);
  }
}

/** etcd takes 128 operations, and 1.5 MiB, in one transaction. */
const atOnce = 100;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** Groups of Kubernetes itself have no part of the key. */
const isBuiltIn = ({ group }: Resource): boolean => group === '' || group === 'apps';
