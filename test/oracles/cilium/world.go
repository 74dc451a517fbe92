package main

import (
	"context"
	"fmt"
	"maps"
	"net/netip"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/k8s"
	k8sconst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_corev1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/core/v1"
	slim_metav1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/apis/meta/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/labelsfilter"
	"github.com/cilium/cilium/pkg/option"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
)

type world struct {
	ClusterName        string      `json:"clusterName"`
	Namespaces         []namespace `json:"namespaces"`
	Nodes              []node      `json:"nodes"`
	Pods               []pod       `json:"pods"`
	Services           []service   `json:"services"`
	APIServerAddresses []string    `json:"apiServerAddresses"`
	Settings           settings    `json:"settings"`
}

type settings struct {
	HostFirewall           bool     `json:"hostFirewall"`
	CIDRMatchMode          []string `json:"cidrMatchMode"`
	Enforcement            string   `json:"enforcement"`
	NodeSelectorLabels     bool     `json:"nodeSelectorLabels"`
	AllowLocalhost         *bool    `json:"allowLocalhost"`
	NonDefaultDenyPolicies *bool    `json:"nonDefaultDenyPolicies"`
	IPv6                   bool     `json:"ipv6"`
	IdentityLabels         []string `json:"identityLabels"`
}

type namespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels"`
}

type node struct {
	Name           string            `json:"name"`
	Labels         map[string]string `json:"labels"`
	Addresses      []string          `json:"addresses"`
	IsControlPlane bool              `json:"isControlPlane"`
}

type pod struct {
	Namespace      string            `json:"namespace"`
	Name           string            `json:"name"`
	Labels         map[string]string `json:"labels"`
	ServiceAccount string            `json:"serviceAccount"`
	Node           string            `json:"node"`
	Ports          []struct {
		Name     string `json:"name"`
		Port     int32  `json:"port"`
		Protocol string `json:"protocol"`
	} `json:"ports"`
}

type service struct {
	Namespace         string            `json:"namespace"`
	Name              string            `json:"name"`
	Labels            map[string]string `json:"labels"`
	Selector          map[string]string `json:"selector"`
	EndpointAddresses []string          `json:"endpointAddresses"`
}

// end is one end of a flow as an agent sees it, already resolved: an address is one outside the cluster.
type end struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	IP        string `json:"ip"`
}

// configure sets the agent's options, which Cilium keeps in global variables.
func configure(w world) {
	truth := func(b *bool) bool { return b == nil || *b }
	c := option.Config
	c.EnableIPv4 = true
	c.EnableIPv6 = w.Settings.IPv6
	c.ClusterName = w.ClusterName
	c.EnableHostFirewall = w.Settings.HostFirewall
	c.PolicyCIDRMatchMode = w.Settings.CIDRMatchMode
	c.EnableNodeSelectorLabels = w.Settings.NodeSelectorLabels
	c.EnableNonDefaultDenyPolicies = truth(w.Settings.NonDefaultDenyPolicies)
	c.EnableICMPRules = true
	c.EnableL7Proxy = true
	c.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostPolicy
	if truth(w.Settings.AllowLocalhost) {
		c.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways
	}
	enforcement := w.Settings.Enforcement
	if enforcement == "" {
		enforcement = option.DefaultEnforcement
	}
	policy.SetPolicyEnabled(enforcement)
	api.InitEntities(w.ClusterName)
	if err := labelsfilter.ParseLabelPrefixCfg(quiet, w.Settings.IdentityLabels, nil, ""); err != nil {
		panic(err)
	}
}

// identities gives labels and numbers to everything in the world, from the point of view of one node's agent.
type identities struct {
	world     world
	groups    []v2.CiliumCIDRGroup
	selectors []api.FQDNSelector
	local     string
	allocator *testidentity.MockIdentityAllocator
	named     ciliumtypes.NamedPortMultiMap
	update    func(identity.NumericIdentity, ciliumtypes.NamedPortMap)
	host      *identity.Identity
}

// GetNamedPorts implements policy.NamedPortsGetter.
func (v *identities) GetNamedPorts() ciliumtypes.NamedPortMultiMap { return v.named }

func newIdentities(w world, groups []v2.CiliumCIDRGroup, selectors []api.FQDNSelector, local string) (*identities, error) {
	named := ciliumtypes.NewNamedPortMultiMap()
	v := &identities{world: w, groups: groups, selectors: selectors, local: local, named: named}
	v.allocator = testidentity.NewMockIdentityAllocator(identity.IdentityMap{})
	v.update = func(id identity.NumericIdentity, ports ciliumtypes.NamedPortMap) { named.Update(id, nil, ports) }
	hostLabels := labels.NewFrom(labels.LabelHost)
	for _, n := range w.Nodes {
		if n.Name == local {
			hostLabels = v.nodeLabels(n, n.Addresses)
		}
	}
	v.host = identity.AddReservedIdentityWithLabels(identity.ReservedIdentityHost, hostLabels)
	return v, nil
}

// of is the identity of one end, with its named ports.
func (v *identities) of(e end) (*identity.Identity, ciliumtypes.NamedPortMap, error) {
	switch e.Kind {
	case "pod":
		return v.pod(e)
	case "node":
		if e.Name == v.local {
			return v.host, nil, nil
		}
		for _, n := range v.world.Nodes {
			if n.Name == e.Name {
				addresses := n.Addresses
				if e.IP != "" {
					addresses = []string{e.IP}
				}
				id, err := v.allocate(v.nodeLabels(n, addresses))
				return id, nil, err
			}
		}
		return nil, nil, fmt.Errorf("no node %s", e.Name)
	case "address":
		address, err := netip.ParseAddr(e.IP)
		if err != nil {
			return nil, nil, err
		}
		lbls := labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen()))
		lbls.MergeLabels(groupLabels(v.groups, address))
		for _, server := range v.world.APIServerAddresses {
			if server == e.IP {
				lbls.MergeLabels(labels.LabelKubeAPIServer)
			}
		}
		id, err := v.allocate(lbls)
		return id, nil, err
	case "fqdn":
		lbls := labels.Labels{}
		for _, selector := range v.selectors {
			expression, err := selector.ToRegex()
			if err != nil {
				return nil, nil, err
			}
			if expression.MatchString(e.Name + ".") {
				label := selector.IdentityLabel()
				lbls[label.Key] = label
			}
		}
		lbls.AddWorldLabel(netip.MustParseAddr("192.0.2.1"))
		id, err := v.allocate(lbls)
		return id, nil, err
	case "health":
		return identity.LookupReservedIdentity(identity.ReservedIdentityHealth), nil, nil
	case "init":
		return identity.LookupReservedIdentity(identity.ReservedIdentityInit), nil, nil
	case "ingress":
		return identity.LookupReservedIdentity(identity.ReservedIdentityIngress), nil, nil
	case "unmanaged":
		return identity.LookupReservedIdentity(identity.ReservedIdentityUnmanaged), nil, nil
	}
	return nil, nil, fmt.Errorf("unknown kind of end %q", e.Kind)
}

func (v *identities) pod(e end) (*identity.Identity, ciliumtypes.NamedPortMap, error) {
	for _, p := range v.world.Pods {
		if p.Namespace != e.Namespace || p.Name != e.Name {
			continue
		}
		object := &slim_corev1.Pod{ObjectMeta: slim_metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace, Labels: p.Labels}}
		object.Spec.ServiceAccountName = p.ServiceAccount
		container := slim_corev1.Container{}
		for _, port := range p.Ports {
			container.Ports = append(container.Ports, slim_corev1.ContainerPort{Name: port.Name, ContainerPort: port.Port, Protocol: slim_corev1.Protocol(port.Protocol)})
		}
		object.Spec.Containers = []slim_corev1.Container{container}
		ports, podLabels := k8s.GetPodMetadata(quiet, namespaceOf(v.world, p.Namespace), object)
		lbls, _ := labelsfilter.Filter(labels.Map2Labels(podLabels, labels.LabelSourceK8s))
		for _, label := range k8s.NamedPortsIdentityLabels(ports) {
			lbls[label.Key] = label
		}
		id, err := v.allocate(lbls)
		if err != nil {
			return nil, nil, err
		}
		v.update(id.ID, ports)
		return id, ports, nil
	}
	return nil, nil, fmt.Errorf("no pod %s/%s", e.Namespace, e.Name)
}

type namespaceLabels struct {
	name   string
	labels map[string]string
}

func (n namespaceLabels) GetName() string              { return n.name }
func (n namespaceLabels) GetLabels() map[string]string { return n.labels }

func namespaceOf(w world, name string) namespaceLabels {
	// The API server adds this label to every namespace.
	result := namespaceLabels{name: name, labels: map[string]string{"kubernetes.io/metadata.name": name}}
	for _, n := range w.Namespaces {
		if n.Name == name {
			maps.Copy(result.labels, n.Labels)
		}
	}
	return result
}

// nodeLabels follows nodeIdentityLabels of pkg/node/manager and the kube-apiserver watcher of pkg/ipcache/cell.
func (v *identities) nodeLabels(n node, addresses []string) labels.Labels {
	lbls := labels.NewFrom(labels.LabelRemoteNode)
	if n.Name == v.local {
		lbls = labels.NewFrom(labels.LabelHost)
	}
	if n.IsControlPlane {
		lbls.MergeLabels(labels.LabelKubeAPIServer)
	}
	if option.Config.PolicyCIDRMatchesNodes() {
		for _, text := range addresses {
			address := netip.MustParseAddr(text)
			cidr := labels.GetCIDRLabels(netip.PrefixFrom(address, address.BitLen()))
			cidr.MergeLabels(groupLabels(v.groups, address))
			lbls.MergeLabels(cidr)
		}
		lbls.Remove(labels.LabelWorld)
		lbls.Remove(labels.LabelWorldIPv4)
		lbls.Remove(labels.LabelWorldIPv6)
	}
	if option.Config.PerNodeLabelsEnabled() {
		filtered, _ := labelsfilter.FilterNodeLabels(labels.Map2Labels(n.Labels, labels.LabelSourceNode))
		lbls.MergeLabels(filtered)
		lbls.MergeLabels(labels.Map2Labels(map[string]string{k8sconst.PolicyLabelCluster: v.world.ClusterName}, labels.LabelSourceK8s))
	}
	return lbls
}

// hostEndpoint is the identity of the local node as the subject of policies: its labels come from the Node object
// (InitWithNodeLabels of pkg/endpoint).
func (v *identities) hostEndpoint() *identity.Identity {
	lbls := labels.NewFrom(labels.LabelHost)
	for _, n := range v.world.Nodes {
		if n.Name == v.local {
			filtered, _ := labelsfilter.Filter(labels.Map2Labels(n.Labels, labels.LabelSourceK8s))
			lbls.MergeLabels(filtered)
		}
	}
	return identity.NewIdentity(identity.ReservedIdentityHost, lbls)
}

func (v *identities) allocate(lbls labels.Labels) (*identity.Identity, error) {
	id, _, err := v.allocator.AllocateIdentity(context.Background(), lbls, false, identity.InvalidIdentity)
	return id, err
}
