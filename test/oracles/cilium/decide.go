package main

import (
	"fmt"
	"math"
	"sync"

	"github.com/cilium/cilium/pkg/crypto/certificatemanager"
	"github.com/cilium/cilium/pkg/endpoint/regeneration"
	envoypolicy "github.com/cilium/cilium/pkg/envoy/policy"
	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/api"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	ciliumtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
)

// query asks one direction at one end: may subject send to peer (egress), or receive from it?
type query struct {
	Subject  end    `json:"subject"`
	Peer     end    `json:"peer"`
	Ingress  bool   `json:"ingress"`
	Protocol string `json:"protocol"`
	Port     uint16 `json:"port"`
	// The node whose agent decides; empty for a pod on no known node.
	Node string `json:"node"`
}

// decide answers all queries. Like policy.LookupFlow, but each direction by itself and from the right node's point of view:
// a node is "host" to its own pods and "remote-node" to all others.
func decide(w world, policies parsedPolicies, queries []query) ([]string, error) {
	verdicts := make([]string, len(queries))
	agents := map[string]*agent{}
	for _, q := range queries {
		if agents[q.Node] == nil {
			a, err := newAgent(w, policies, q.Node, queries)
			if err != nil {
				return nil, err
			}
			agents[q.Node] = a
		}
	}
	for i, q := range queries {
		verdict, err := agents[q.Node].decide(q)
		if err != nil {
			return nil, fmt.Errorf("query %d: %w", i, err)
		}
		verdicts[i] = verdict
	}
	return verdicts, nil
}

type agent struct {
	view       *identities
	repository *policy.Repository
	endpoints  map[string]*policy.EndpointPolicy
}

func newAgent(w world, policies parsedPolicies, local string, queries []query) (*agent, error) {
	view, err := newIdentities(w, policies.groups, fqdnSelectors(policies), local)
	if err != nil {
		return nil, err
	}
	repository := policy.NewPolicyRepository(quiet, nil, nil,
		envoypolicy.NewEnvoyL7RulesTranslator(quiet, certificatemanager.NewMockSecretManagerInline()),
		identitymanager.NewIDManager(quiet), testpolicy.NewPolicyMetricsNoop())
	repository.SetNamedPortsGetter(view)
	repository.GetSelectorCache().SetLocalIdentityNotifier(noNotifier{})
	known := identity.IdentityMap{}
	for _, q := range queries {
		if q.Node != local {
			continue
		}
		for _, e := range []end{q.Subject, q.Peer} {
			id, _, err := view.of(e)
			if err != nil {
				return nil, err
			}
			known[id.ID] = id.LabelArray
		}
	}
	var done sync.WaitGroup
	repository.GetSelectorCache().UpdateIdentities(known, nil, &done)
	done.Wait()
	repository.UpdateIdentities(known, nil)
	for _, p := range policies.accepted {
		repository.ReplaceByResource(p.entries, p.resource)
	}
	return &agent{view: view, repository: repository, endpoints: map[string]*policy.EndpointPolicy{}}, nil
}

func (a *agent) decide(q query) (string, error) {
	endpoint, err := a.endpoint(q.Subject)
	if err != nil {
		return "error: " + err.Error(), nil
	}
	peer, _, err := a.view.of(q.Peer)
	if err != nil {
		return "", err
	}
	protocol, err := u8proto.ParseProtocol(q.Protocol)
	if err != nil {
		return "", err
	}
	key := policy.EgressKey()
	if q.Ingress {
		key = policy.IngressKey()
	}
	entry, _, _ := endpoint.Lookup(key.WithIdentity(peer.ID).WithPortProto(protocol, q.Port))
	if entry.IsDeny() {
		return "denied", nil
	}
	return "allowed", nil
}

// endpoint is the distilled policy of a subject; computed once.
func (a *agent) endpoint(e end) (*policy.EndpointPolicy, error) {
	key := e.Kind + "/" + e.Namespace + "/" + e.Name
	if known := a.endpoints[key]; known != nil {
		return known, nil
	}
	id, ports, err := a.view.of(e)
	if err != nil {
		return nil, err
	}
	if e.Kind == "node" {
		id = a.view.hostEndpoint()
	}
	selected, _, err := a.repository.ComputeSelectorPolicy(id)
	if err != nil {
		return nil, err
	}
	result := selected.DistillPolicy(quiet, &owner{id: uint64(id.ID), ports: ports, host: e.Kind == "node"}, map[string]uint16{policy.FallbackRedirectID: math.MaxUint16})
	result.Ready()
	a.endpoints[key] = result
	return result, nil
}

func fqdnSelectors(policies parsedPolicies) []api.FQDNSelector {
	var result []api.FQDNSelector
	for _, p := range policies.accepted {
		for _, entry := range p.entries {
			for _, selector := range entry.L3 {
				if fqdn, ok := selector.GetFQDNSelector(); ok {
					result = append(result, *fqdn)
				}
			}
		}
	}
	return result
}

// owner is the endpoint that a policy is distilled for.
type owner struct {
	id    uint64
	ports ciliumtypes.NamedPortMap
	host  bool
}

var _ policy.PolicyOwner = &owner{}

func (o *owner) GetID() uint64 { return o.id }
func (o *owner) GetIngressNamedPort(name string, protocol u8proto.U8proto) uint16 {
	port, err := o.ports.GetNamedPort(name, protocol)
	if err != nil {
		return 0
	}
	return port
}
func (o *owner) PolicyDebug(string, ...any)                  {}
func (o *owner) IsHost() bool                                { return o.host }
func (o *owner) PreviousMapStateSizes() policy.MapStateSizes { return policy.MapStateSizes{} }
func (o *owner) RegenerateIfAlive(*regeneration.ExternalRegenerationMetadata) <-chan bool {
	done := make(chan bool)
	close(done)
	return done
}

type noNotifier struct{}

func (noNotifier) RegisterFQDNSelector(api.FQDNSelector) uint64   { return 0 }
func (noNotifier) UnregisterFQDNSelector(api.FQDNSelector) uint64 { return 0 }

