/** Apps of the bundle that other rooms know by name. */

/** The app whose readiness starts the federation of a cluster's metrics. */
export const monitoringComponent = 'workload-monitoring';
