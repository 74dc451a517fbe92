import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { matchImage, parseReference, standIns, toolImages } from '../../../sandbox/images/images.ts';

describe('image references', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx', 'latest', undefined],
    ['nginx:1.27', 'docker.io/library/nginx', '1.27', undefined],
    ['grafana/grafana:12', 'docker.io/grafana/grafana', '12', undefined],
    ['localhost/a', 'localhost/a', 'latest', undefined],
    ['registry:5000/a/b:1', 'registry:5000/a/b', '1', undefined],
    ['registry.k8s.io/etcd@sha256:ab', 'registry.k8s.io/etcd', undefined, 'sha256:ab'],
    ['registry.k8s.io/etcd:3.6.8-0@sha256:ab', 'registry.k8s.io/etcd', '3.6.8-0', 'sha256:ab'],
  ])('%s', (reference, repository, tag, digest) => {
    expect(parseReference(reference)).toEqual({ repository, tag, digest });
  });

  test('repository and tag come out of a reference as they went in', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(fc.property(fc.stringMatching(/^[a-z]{1,6}\.[a-z]{2}(:[0-9]{1,4})?$/), fc.array(name, { minLength: 1, maxLength: 3 }), name, (registry, path, tag) => {
      const repository = [registry, ...path].join('/');
      expect(parseReference(`${repository}:${tag}`)).toEqual({ repository, tag, digest: undefined });
    }));
  });

  test('every pinned image matches its own tag and no other', () => {
    for (const image of toolImages) {
      expect(matchImage(`${image.repository}:${image.tag}`)).toEqual({ kind: 'tool', image });
      expect(matchImage(`${image.repository}:v0.0.1`)).toEqual({ kind: 'unknown', why: expect.stringContaining(`${image.repository}:${image.tag}`) });
      expect(matchImage(image.repository).kind).toBe('unknown');
    }
  });

  test('an unknown image stays unknown', () => {
    expect(matchImage('docker.io/library/nginx:1.27').kind).toBe('unknown');
    expect(matchImage('quay.io/etcd:3.6.8-0').kind).toBe('unknown');
  });

  test('a digest alone cannot be checked', () => {
    expect(matchImage(`registry.k8s.io/etcd@sha256:${'a'.repeat(64)}`).kind).toBe('unknown');
  });

  test.each([['1.36.3', 'etcd:3.6.8-0', 'pause:3.10.2'], ['1.35.4', 'etcd:3.6.6-0', 'pause:3.10.1']])('the images that kubeadm %s asks for are there', (version, ...others) => {
    for (const reference of [...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map((name) => `${name}:v${version}`), ...others]) {
      expect(matchImage(`registry.k8s.io/${reference}`).kind).not.toBe('unknown');
    }
  });

  test('programs of another Kubernetes than the pinned one say so', () => {
    expect(matchImage('registry.k8s.io/kube-proxy:v1.35.4')).toMatchObject({ image: { kubernetes: '1.35.4' } });
    expect(matchImage('registry.k8s.io/kube-proxy:v1.36.3')).not.toHaveProperty('image.kubernetes');
  });

  test('entry points, or commands where there is none, lead to programs of the image', () => {
    for (const { entrypoint, command, programs } of toolImages) expect(Object.keys(programs)).toContain([...entrypoint, ...(command ?? [])][0]);
  });

  test('programs for disks are those of the node image', () => {
    const names = toolImages.flatMap(({ diskPrograms = [] }) => diskPrograms);
    expect(names).toContain('mount');
    expect(names.filter((name) => !existsSync(join(import.meta.dirname, '../../../sandbox/machines/node-image/bin', name)))).toEqual([]);
  });

  test('each stand-in says why', () => {
    for (const { reason } of standIns) expect(reason.length).toBeGreaterThan(20);
  });
});
