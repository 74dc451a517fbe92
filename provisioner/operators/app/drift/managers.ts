/** Whose changes are meant to be, and whose are a person's, by the name of the field manager: the part of the user agent before the slash, unless the client says another. */

/** Autoscalers, and the controllers and nodes of Kubernetes. */
const controllers = /^(kube-controller-manager|kube-scheduler|kube-apiserver|kubelet|cloud-controller-manager|openstack-cloud-controller-manager|cluster-autoscaler|vpa-(recommender|updater|admission-controller)|keda(-operator|-admission|-operator-metrics-apiserver)?|cainjector|cert-manager-[a-z-]+|keelson-[a-z-]+)$/;
/** Tools that people work with. */
const people = /^(kubectl([-_].*)?|k9s|lens|openlens|headlamp|dashboard|mozilla|curl|wget|postman.*|octant|freelens|oc)$/i;

export const isController = (manager: string): boolean => controllers.test(manager);
export const isPerson = (manager: string): boolean => people.test(manager);
