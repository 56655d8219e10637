package patterns

import (
	"slices"
	"strings"
)

// protocol is what a call speaks.
type protocol uint8

const (
	other protocol = iota
	database
	web
	rpc
)

// plan says where spans with the same keys keep what describes a call: positions of attributes, −1 for none. Of
// each the present name of the semantic conventions comes first, then older ones.
type plan struct {
	protocol
	text      int   // of the statement
	summary   int   // of the statement, where there is no text
	verb      int   // of the database
	system    int   // which database
	namespace int   // of the database
	values    []int // of parameters of the statement
	template  int   // of the URL
	url       int
	method    int // of HTTP
	body      int // of the request to a remote procedure
}

// planOf works out a plan.
func planOf(keys []string) plan {
	at := func(names ...string) int {
		for _, n := range names {
			if i := slices.Index(keys, n); i >= 0 {
				return i
			}
		}
		return -1
	}
	p := plan{
		text:      at("db.query.text", "db.statement"),
		summary:   at("db.query.summary"),
		verb:      at("db.operation.name", "db.operation"),
		system:    at("db.system.name", "db.system"),
		namespace: at("db.namespace", "db.name"),
		template:  at("url.template"),
		url:       at("url.full", "http.url", "http.target"),
		method:    at("http.request.method", "http.method"),
		body:      at("rpc.request.body"), // no convention has a key for it; this is what instrumentations that record it use
	}
	for i, k := range keys {
		if strings.HasPrefix(k, "db.query.parameter.") {
			p.values = append(p.values, i)
		}
	}
	switch {
	case max(p.text, p.summary, p.system, p.namespace, p.verb) >= 0:
		p.protocol = database
	case at("rpc.system.name", "rpc.system", "rpc.service", "rpc.method", "rpc.request.body") >= 0:
		p.protocol = rpc
	case max(p.template, p.url, p.method) >= 0:
		p.protocol = web
	}
	return p
}

// isCache tells databases that answer in less time than it takes to ask them for less: many questions to them are
// worth knowing, but no fault.
func isCache(system string) bool {
	switch strings.ToLower(system) {
	case "redis", "valkey", "memcached", "keydb", "dragonfly", "hazelcast", "ehcache":
		return true
	}
	return false
}

// describeText normalises a statement, or an address, over scratch. classify is asked once per normalised statement
// where the caller remembers what it said.
func describeText(scratch []byte, text string, p protocol, classify func(normal []byte) traits) ([]byte, traits) {
	if p != database {
		normal, t := address(scratch, text)
		return normal, t | reads
	}
	normal, t := statement(scratch, text)
	t |= classify(normal)
	if t&pagedByKey != 0 && !asksForOne(text) {
		t |= paged
	}
	return normal, t &^ pagedByKey
}

// classify says what a normalised statement does.
func classify(normal []byte) (t traits) {
	upper := strings.ToUpper(string(normal))
	if isPaged(upper) {
		t |= paged
	}
	if isPagedByKey(upper) {
		t |= pagedByKey
	}
	if isReadingStatement(upper) {
		t |= reads
	}
	return t
}
