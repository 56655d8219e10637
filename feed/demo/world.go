package demo

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"oteltop/model"
)

const (
	lostShare    = 0.003 // of the spans
	outlierShare = 0.005 // of the waits that are drawn per trace: one somewhere in a trace of 40
	skewed       = shipping
	clockSkew    = int64(4 * time.Millisecond)
	slowVersion  = "2.4.0"
)

// span is one span before it is encoded.
type span struct {
	begun      int64 // start of its trace, which decides the slot that it belongs to
	service    serviceID
	pod        int
	version    string
	trace      model.TraceID
	id, parent model.SpanID
	name       string
	kind       model.Kind
	start, end int64
	attributes []attribute
	events     []event
	links      []link
	lines      []line // what the service logged
	failure    string // status message; with failed
	failed     bool
}

type attribute struct {
	key  string
	text string
	num  int64
	kind byte // 's' text, 'i' integer, 'b' boolean
}

type event struct {
	name       string
	at         int64
	attributes []attribute
}

type link struct {
	trace model.TraceID
	span  model.SpanID
}

func str(key, value string) attribute       { return attribute{key: key, text: value, kind: 's'} }
func num(key string, value int64) attribute { return attribute{key: key, num: value, kind: 'i'} }
func yes(key string, value bool) attribute {
	a := attribute{key: key, kind: 'b'}
	if value {
		a.num = 1
	}
	return a
}

// tracer writes the spans of one trace.
type tracer struct {
	o     *Options
	r     *rand.Rand
	id    model.TraceID
	begun int64
	spans []span
	who   visitor
}

// visitor is who makes the request: attributes that many spans carry.
type visitor struct {
	tenant, tier, region, session, user string
}

// frame is a span that is being worked on, with its own clock.
type frame struct {
	t   *tracer
	i   int   // index into tracer.spans
	now int64 // how far the work has come
}

func (t *tracer) spanID() model.SpanID { return model.SpanID(t.r.Uint64() | 1) }

// begin opens a span of a service.
func (t *tracer) begin(s serviceID, parent model.SpanID, kind model.Kind, name string, at int64, as ...attribute) *frame {
	pod := t.r.IntN(services[s].pods)
	t.spans = append(t.spans, span{
		begun: t.begun, service: s, pod: pod, version: t.version(s, pod, at), trace: t.id, id: t.spanID(), parent: parent,
		name: name, kind: kind, start: at, attributes: as,
	})
	return &frame{t: t, i: len(t.spans) - 1, now: at}
}

// version rolls the slow release out pod by pod while its fault is on.
func (t *tracer) version(s serviceID, pod int, at int64) string {
	if p := t.o.share(slowRelease, at); s == recommendation && p >= 0 && float64(pod) < (p*1.5+0.2)*float64(services[s].pods) {
		return slowVersion
	}
	return services[s].version
}

func (f *frame) span() *span { return &f.t.spans[f.i] }

func (f *frame) add(as ...attribute) { f.span().attributes = append(f.span().attributes, as...) }

// end closes the span where its work is.
func (f *frame) end() int64 {
	f.span().end = f.now
	return f.now
}

// wait lets time pass: log-normal around a median, with rare outliers.
func (f *frame) wait(median time.Duration) {
	d := float64(median) * math.Exp(0.35*f.t.r.NormFloat64())
	if f.t.r.Float64() < outlierShare {
		d *= 8 + 10*f.t.r.Float64()
	}
	f.now += max(int64(d), 1000)
}

// fail marks the span as failed with an exception event.
func (f *frame) fail(typ, message string) {
	s := f.span()
	s.failed, s.failure = true, message
	s.attributes = append(s.attributes, str("error.type", typ))
	f.say(model.SeverityError, message)
	s.events = append(s.events, event{"exception", f.now, []attribute{
		str("exception.type", typ), str("exception.message", message),
		str("exception.stacktrace", typ+": "+message+"\n\tat "+services[s.service].name+".handle(handler:42)\n\tat shop.server.dispatch(server:117)"),
	}})
}

// failed reports whether the span has failed.
func (f *frame) failed() bool { return f.span().failed }

// inner does work under an INTERNAL span of the same service.
func (f *frame) inner(name string, work func(f *frame), as ...attribute) {
	in := f.t.begin(f.span().service, f.span().id, model.KindInternal, name, f.now, as...)
	in.same(f)
	work(in)
	f.now = in.end()
}

// same puts a span on the same pod and version as another.
func (f *frame) same(as *frame) {
	f.span().pod, f.span().version = as.span().pod, as.span().version
}

// both does several things at a time and waits for the slowest.
func (f *frame) both(works ...func(f *frame)) {
	at, latest := f.now, f.now
	for _, w := range works {
		f.now = at
		w(f)
		latest = max(latest, f.now)
	}
	f.now = latest
}

// client opens a CLIENT span below f on the same pod.
func (f *frame) client(name string, as ...attribute) *frame {
	c := f.t.begin(f.span().service, f.span().id, model.KindClient, name, f.now, as...)
	c.same(f)
	return c
}

// http calls a route of another service and returns the status. The caller's span fails with 5xx, as
// instrumentations do for clients; whether the caller itself fails is its own business.
func (f *frame) http(to serviceID, method, route string, work func(f *frame) int, as ...attribute) int {
	c := f.client(method, append([]attribute{
		str("http.request.method", method), str("server.address", services[to].name), num("server.port", 8080),
		str("url.full", "http://"+services[to].name+":8080"+route),
	}, as...)...)
	c.wait(400 * time.Microsecond) // the way there
	s := f.t.begin(to, c.span().id, model.KindServer, method+" "+route, c.now,
		str("http.request.method", method), str("http.route", route), str("url.path", route), str("network.protocol.version", "1.1"))
	s.add(f.t.who.attributes()...)
	status := work(s)
	s.add(num("http.response.status_code", int64(status)))
	c.now = s.end()
	c.wait(400 * time.Microsecond) // and back
	c.add(num("http.response.status_code", int64(status)))
	if status >= 500 {
		c.span().failed = true
		c.add(str("error.type", strconv.Itoa(status)))
	}
	f.now = c.end()
	return status
}

// grpc calls a method of another service; false when it failed.
func (f *frame) grpc(to serviceID, service, method string, work func(f *frame)) bool {
	as := []attribute{str("rpc.system", "grpc"), str("rpc.service", service), str("rpc.method", method)}
	c := f.client(service+"/"+method, append(as, str("server.address", services[to].name), num("server.port", 9090))...)
	c.wait(250 * time.Microsecond)
	s := f.t.begin(to, c.span().id, model.KindServer, service+"/"+method, c.now, as...)
	s.add(f.t.who.attributes()...)
	work(s)
	code := int64(0)
	if s.failed() {
		code = 13 // INTERNAL
	}
	s.add(num("rpc.grpc.status_code", code))
	c.now = s.end()
	c.wait(250 * time.Microsecond)
	c.add(num("rpc.grpc.status_code", code))
	if code != 0 {
		c.span().failed, c.span().failure = true, "rpc error: code = Internal"
	}
	f.now = c.end()
	return code == 0
}

// query runs a statement in a database that sends no spans itself.
func (f *frame) query(db database, operation, table, statement string, median time.Duration, as ...attribute) {
	name := operation
	if table != "" {
		name += " " + table
	}
	c := f.client(name, append([]attribute{
		str("db.system.name", db.system), str("db.namespace", db.namespace), str("db.operation.name", operation),
		str("server.address", db.address), num("server.port", db.port),
	}, as...)...)
	if table != "" {
		c.add(str("db.collection.name", table))
	}
	if statement != "" {
		c.add(str("db.query.text", statement))
	}
	c.wait(median)
	f.now = c.end()
}

// external calls something outside that sends no spans.
func (f *frame) external(host, method, path string, median time.Duration) {
	c := f.client(method, str("http.request.method", method), str("server.address", host), num("server.port", 443),
		str("url.full", "https://"+host+path))
	c.wait(median)
	c.add(num("http.response.status_code", 200))
	f.now = c.end()
}

// publish sends a message; it returns the producer span for a consumer to be linked with.
func (f *frame) publish(topic string, median time.Duration) *frame {
	p := f.t.begin(f.span().service, f.span().id, model.KindProducer, "send "+topic, f.now, messaging(topic, "send")...)
	p.same(f)
	p.wait(median)
	f.now = p.end()
	return p
}

func messaging(topic, operation string) []attribute {
	return []attribute{str("messaging.system", "kafka"), str("messaging.destination.name", topic),
		str("messaging.operation.type", operation), str("server.address", "kafka"), num("server.port", 9092)}
}

// consume handles a message in another service after it has waited in the queue, below the producer.
func (t *tracer) consume(s serviceID, topic string, p *frame, queue time.Duration, work func(f *frame)) {
	at := &frame{t: t, i: p.i, now: p.span().end}
	at.wait(queue)
	c := t.begin(s, p.span().id, model.KindConsumer, "process "+topic, at.now, messaging(topic, "process")...)
	c.span().links = []link{{t.id, p.span().id}}
	work(c)
	c.end()
}

func (v *visitor) attributes() []attribute {
	return []attribute{str("tenant", v.tenant), str("user.tier", v.tier), str("cloud.region", v.region), str("session.id", v.session)}
}

// finish applies what goes wrong with telemetry itself: a clock that is ahead, spans that get lost.
func (t *tracer) finish() []span {
	out := t.spans[:0]
	for i, s := range t.spans {
		if i > 0 && t.r.Float64() < lostShare {
			continue
		}
		if s.service == skewed {
			s.start, s.end = s.start+clockSkew, s.end+clockSkew
			for e := range s.events {
				s.events[e].at += clockSkew
			}
			for l := range s.lines {
				s.lines[l].at += clockSkew
			}
		}
		out = append(out, s)
	}
	return out
}

// idBytes are the wire forms of identifiers.
func idBytes(t model.TraceID) (b [16]byte) {
	binary.BigEndian.PutUint64(b[:8], t.Hi)
	binary.BigEndian.PutUint64(b[8:], t.Lo)
	return b
}

func spanBytes(s model.SpanID) (b [8]byte) {
	binary.BigEndian.PutUint64(b[:], uint64(s))
	return b
}
