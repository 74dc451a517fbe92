package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"

	"github.com/cilium/statedb"

	cmtypes "github.com/cilium/cilium/pkg/clustermesh/types"
	ipcachetypes "github.com/cilium/cilium/pkg/ipcache/types"
	"github.com/cilium/cilium/pkg/k8s"
	v2 "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/v2"
	slim_networkingv1 "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	k8sutils "github.com/cilium/cilium/pkg/k8s/utils"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/loadbalancer"
	"github.com/cilium/cilium/pkg/policy/api"
	policyk8s "github.com/cilium/cilium/pkg/policy/k8s"
	"github.com/cilium/cilium/pkg/policy/types"
	"github.com/cilium/cilium/pkg/policy/utils"
	"github.com/cilium/cilium/pkg/source"
)

var quiet = slog.New(slog.DiscardHandler)

// resourcePolicy is one accepted object with the resource that the agent files it under.
type resourcePolicy struct {
	resource ipcachetypes.ResourceID
	entries  types.PolicyEntries
}

type parsedPolicies struct {
	// One per object; empty where it was accepted.
	errors   []string
	accepted []resourcePolicy
	groups   []v2.CiliumCIDRGroup
}

// parsePolicies does what the agent's policy watchers do: resolve toServices, parse, turn rules into entries.
func parsePolicies(objects []json.RawMessage, w world) parsedPolicies {
	result := parsedPolicies{errors: make([]string, len(objects))}
	for i, object := range objects {
		if err := result.add(object, w); err != nil {
			result.errors[i] = err.Error()
		}
	}
	return result
}

func (p *parsedPolicies) add(object json.RawMessage, w world) error {
	var meta struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(object, &meta); err != nil {
		return err
	}
	switch meta.Kind {
	case "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy":
		return p.addCilium(object, meta.Kind, w)
	case "NetworkPolicy":
		var np slim_networkingv1.NetworkPolicy
		if err := json.Unmarshal(object, &np); err != nil {
			return err
		}
		entries, err := k8s.ParseNetworkPolicy(quiet, w.ClusterName, &np)
		if err != nil {
			return err
		}
		p.accepted = append(p.accepted, resourcePolicy{
			resource: ipcachetypes.NewResourceID(ipcachetypes.ResourceKindNetpol, np.Namespace, np.Name),
			entries:  entries,
		})
		return nil
	case "CiliumCIDRGroup":
		var group v2.CiliumCIDRGroup
		if err := json.Unmarshal(object, &group); err != nil {
			return err
		}
		p.groups = append(p.groups, group)
		return nil
	}
	return fmt.Errorf("unknown kind %q", meta.Kind)
}

func (p *parsedPolicies) addCilium(object json.RawMessage, kind string, w world) error {
	var cnp v2.CiliumNetworkPolicy
	if err := json.Unmarshal(object, &cnp); err != nil {
		return err
	}
	resourceKind := ipcachetypes.ResourceKindCNP
	if kind == "CiliumClusterwideNetworkPolicy" {
		resourceKind = ipcachetypes.ResourceKindCCNP
		cnp.Namespace = ""
	} else if cnp.Namespace == "" {
		cnp.Namespace = "default"
	}
	if err := resolveToServices(&cnp, w); err != nil {
		return err
	}
	rules, err := cnp.Parse(quiet, w.ClusterName)
	if err != nil {
		return err
	}
	p.accepted = append(p.accepted, resourcePolicy{
		resource: ipcachetypes.NewResourceID(resourceKind, cnp.Namespace, cnp.Name),
		entries:  utils.RulesToPolicyEntries(rules),
	})
	return nil
}

func resolveToServices(cnp *v2.CiliumNetworkPolicy, w world) error {
	if len(w.Services) == 0 {
		return nil
	}
	db := statedb.New()
	services, err := loadbalancer.NewServicesTable(loadbalancer.DefaultConfig, db)
	if err != nil {
		return err
	}
	backends, err := loadbalancer.NewBackendsTable(db)
	if err != nil {
		return err
	}
	txn := db.WriteTxn(services, backends)
	for _, s := range w.Services {
		name := loadbalancer.NewServiceName(s.Namespace, s.Name)
		services.Insert(txn, &loadbalancer.Service{Name: name, Labels: labels.Map2Labels(s.Labels, labels.LabelSourceK8s), Selector: s.Selector})
		for _, text := range s.EndpointAddresses {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return err
			}
			backends.Insert(txn, &loadbalancer.Backend{
				ServiceName: name,
				Address:     loadbalancer.NewL3n4Addr(loadbalancer.TCP, cmtypes.AddrClusterFrom(address, 0), 0, loadbalancer.ScopeExternal),
				Source:      source.Kubernetes,
			})
		}
	}
	txn.Commit()
	policyk8s.ResolveToServices(db.ReadTxn(), services, backends, cnp)
	return nil
}

// groupLabels are the labels that the agent's watcher of CiliumCIDRGroups gives to an address (cidrsAndLabelsForCIDRGroup).
func groupLabels(groups []v2.CiliumCIDRGroup, address netip.Addr) labels.Labels {
	result := labels.Labels{}
	for _, group := range groups {
		for _, cidr := range group.Spec.ExternalCIDRs {
			prefix, err := netip.ParsePrefix(string(cidr))
			if err != nil || !prefix.Contains(address) {
				continue
			}
			for key, value := range k8sutils.RemoveCiliumLabels(group.Labels) {
				label := labels.NewLabel(key, value, labels.LabelSourceCIDRGroup)
				result[label.Key] = label
				encoded := labels.EncodedCIDRGroupLabel(label.Key, label.Value, label.Source)
				result[encoded.Key] = encoded
			}
			reference := api.LabelForCIDRGroupRef(group.Name)
			result[reference.Key] = reference
		}
	}
	return result
}
