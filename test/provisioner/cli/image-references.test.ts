import { expect, test } from '@jest/globals';
import { imageReferences } from '../../../provisioner/cli/commands/images/references.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test('images of containers of every kind, of custom resources and of arguments, each once', () => {
  expect(imageReferences(`
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{name: a, image: registry.k8s.io/kubectl:v1.36.3}]
      containers:
        - {name: b, image: "mirror.example:5000/a/b@${digest}", args: [--prometheus-config-reloader=quay.io/x/reloader:v0.85.0, --web=0.0.0.0/x:9090]}
        - {name: c, image: "quay.io/cilium/cilium:v1.20.2@${digest}"}
---
apiVersion: batch/v1
kind: CronJob
spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: registry.k8s.io/kubectl:v1.36.3}]}}}}}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
spec: {image: quay.io/prometheus/prometheus:v3.16.0}
`)).toEqual([
    { image: 'registry.k8s.io/kubectl:v1.36.3' },
    { image: 'mirror.example:5000/a/b', digest },
    { image: 'quay.io/x/reloader:v0.85.0' },
    { image: 'quay.io/cilium/cilium:v1.20.2', digest },
    { image: 'quay.io/prometheus/prometheus:v3.16.0' },
  ]);
});

test('what only looks like one is none', () => {
  expect(imageReferences(`
kind: CustomResourceDefinition
spec: {versions: [{schema: {properties: {image: quay.io/not/an-image:v1}}}]}
---
kind: ConfigMap
data: {config.yaml: "image: quay.io/in/a/text:v1"}
image: {registry: ghcr.io}
args: [--upstream=10.0.0.0/8:443, --log=info, --path=/etc/x/y:1.0]
`)).toEqual([]);
});
