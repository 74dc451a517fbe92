import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clusterOfFloatingIp, clusterOfSecurityGroup, parseServiceName } from '../../../../provisioner/operators/cluster/deletion/cloud-controller-names.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
/** Whatever somebody gives to --cluster-name. */
const clusterName = fc.stringMatching(/^[a-z0-9_.-]{1,30}$/);

describe('names of load balancers', () => {
  test('are read back as they were written, whatever the cluster is called', () => {
    fc.assert(fc.property(clusterName, label, label, (cluster, namespace, service) => {
      expect(parseServiceName(`kube_service_${cluster}_${namespace}_${service}`)).toEqual({ cluster, namespace, service });
    }), { numRuns: 500 });
  });

  test.each([
    ['kube_service_dev_shop_web', 'dev'], ['kube_service_dev2_shop_web', 'dev2'], ['kube_service_dev_x_shop_web', 'dev_x'], ['kube_service_dev_dev2_web', 'dev'],
    ['kube_service_dev_shop', undefined], ['kube_service__shop_web', undefined], ['my_kube_service_dev_shop_web', undefined], ['kube_service_dev_Shop_web', undefined], ['k8s-clusterapi-cluster-org-dev-kubeapi', undefined],
  ])('%s is of %s', (name, cluster) => expect(parseServiceName(name)?.cluster).toBe(cluster));
});

test('descriptions name the cluster as a whole', () => {
  expect(clusterOfFloatingIp('Floating IP for Kubernetes external service shop/web from cluster dev2')).toBe('dev2');
  expect(clusterOfFloatingIp('mine, from cluster dev')).toBeUndefined();
  expect(clusterOfSecurityGroup('Security Group for shop/web Service LoadBalancer in cluster dev')).toBe('dev');
});
