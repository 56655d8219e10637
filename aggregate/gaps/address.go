package gaps

import (
	"net"
	"slices"
	"strings"

	"oteltop/model"
	"oteltop/model/store"
)

const (
	// maxAddresses bounds the addresses known of services.
	maxAddresses = 1 << 14
	// answersNeeded is how many answered calls to an address tell whose it is, and answersAgree what share of
	// them has to be from that service.
	answersNeeded = 5
	answersAgree  = .95
	ambiguous     = ^uint32(0)
)

// addresses tells which service is at a peer that calls name. A service says where it is in its resource; a call
// that is answered says who is at the peer that it names.
type addresses struct {
	names     store.Names
	services  map[string]uint32 // by name; ambiguous for a name without namespace that several share
	places    map[string]uint32 // by address or host, from resources
	resources map[*model.Resource]struct{}
	dropped   uint64
}

func newAddresses(names store.Names) *addresses {
	return &addresses{names: names, places: map[string]uint32{}, resources: map[*model.Resource]struct{}{}}
}

// placeKeys are what a resource says of where its service can be reached. A node's own address is not among them:
// what runs there may be many services.
func placeKeys() []string {
	return []string{"k8s.pod.ip", "k8s.pod.name", "k8s.service.name", "k8s.deployment.name", "container.name", "host.ip", "host.name", "server.address"}
}

// learn notes where a service is.
func (a *addresses) learn(r *model.Resource, service uint32) {
	if _, known := a.resources[r]; known || r == nil {
		return
	}
	if len(a.resources) == maxAddresses {
		clear(a.resources)
	}
	a.resources[r] = struct{}{}
	for _, key := range placeKeys() {
		v, ok := model.Lookup(r.Attributes, key)
		if !ok {
			continue
		}
		values := []model.Value{v}
		if v.Kind() == model.ValueArray {
			values = v.List()
		}
		for _, v := range values {
			a.place(strings.ToLower(v.Str()), service)
		}
	}
}

func (a *addresses) place(at string, service uint32) {
	if at == "" {
		return
	}
	switch was, ok := a.places[at]; {
	case !ok && len(a.places) == maxAddresses:
		a.dropped++
	case !ok:
		a.places[at] = service
	case was != service:
		a.places[at] = ambiguous
	}
}

// index makes the table of names, once all services are known.
func (a *addresses) index() {
	a.services = map[string]uint32{}
	for id := uint32(1); int(id) <= a.names.Services(); id++ {
		name := a.names.Service(id)
		if slash := strings.LastIndexByte(name, '/'); slash >= 0 {
			bare := strings.ToLower(name[slash+1:])
			if was, ok := a.services[bare]; ok && was != id {
				a.services[bare] = ambiguous
			} else {
				a.services[bare] = id
			}
		}
	}
	for id := uint32(1); int(id) <= a.names.Services(); id++ {
		a.services[strings.ToLower(a.names.Service(id))] = id
	}
}

// service is who is at a peer, by its name; 0 unknown.
func (a *addresses) service(peer string) uint32 {
	peer = strings.ToLower(strings.TrimSuffix(peer, "."))
	host := peer
	if h, _, err := net.SplitHostPort(peer); err == nil {
		host = h
	}
	for _, name := range [...]string{peer, host, clusterName(host)} {
		for _, known := range [...]map[string]uint32{a.services, a.places} {
			if id, ok := known[name]; ok && name != "" && id != ambiguous && id != 0 {
				return id
			}
		}
	}
	return 0
}

// clusterName is the service in a name that only a cluster's own resolver knows: cart of cart.shop.svc.cluster.local.
// Names that anybody can resolve are left alone, since user.example.com is no service of ours.
func clusterName(host string) string {
	labels := strings.Split(host, ".")
	if len(labels) > 2 && slices.Contains(labels[2:], "svc") || len(labels) > 1 && slices.Contains([]string{"local", "internal", "svc"}, labels[len(labels)-1]) {
		return labels[0]
	}
	return ""
}

// answers are how often calls to a peer were answered by each service.
type answers struct {
	service uint32 // the first that answered
	by, all uint64
}

// whose is the service that answers nearly all calls to a peer; 0 unknown.
func (x *answers) whose() uint32 {
	if x == nil || x.all < answersNeeded || float64(x.by) < answersAgree*float64(x.all) {
		return 0
	}
	return x.service
}
