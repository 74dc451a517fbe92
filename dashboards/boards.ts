/** All boards, by the file that a chart ships them in. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { accessBoard } from './access.ts';
import { certificatesBoard } from './certificates.ts';
import { clusterBoard } from './cluster.ts';
import { controlPlaneBoard } from './control-plane.ts';
import { fleetBoard } from './fleet.ts';
import { lifecycleBoard } from './lifecycle.ts';
import { monitoringBoard } from './monitoring.ts';
import { clusterNetworkBoard, networkBoard } from './network.ts';
import { nodesBoard } from './nodes.ts';

/** Of all clusters; they read what arrives in the management cluster, and stand in the chart monitoring. */
export const fleetBoards: readonly (() => Dashboard)[] = [fleetBoard, clusterBoard, certificatesBoard, networkBoard, controlPlaneBoard, nodesBoard, lifecycleBoard, accessBoard, monitoringBoard];

/** Of one cluster, node by node; it reads the cluster's own Prometheus. */
export const localBoards: readonly (() => Dashboard)[] = [clusterNetworkBoard];
