package suspects_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"oteltop/aggregate/rollup/rolluptest"
	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/model/modeltest"
	"oteltop/model/store"
)

// recordings is where recorded fault injections are, seen from this package.
const recordings = "../../../shared/fixtures/rca"

// injection is a recorded fault injection with its true cause.
type injection struct {
	ID, File string
	From     time.Time `json:"baseline_from"`
	At       time.Time `json:"fault_from"`
	To       time.Time `json:"fault_to"`
	Cause    string    `json:"root_cause_service"`
	Fault    string    `json:"fault_type"`

	names  *rolluptest.Names
	traces []recorded
}

type recorded struct {
	id    model.TraceID
	start int64 // Unix ns, of the earliest span
	spans []store.Settled
}

// readInjections reads the labels of all recorded injections; their traces are read by read.
func readInjections(t *testing.T) []*injection {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recordings, "labels.json"))
	if err != nil {
		t.Skip("the recorded fault injections are not here: ", err)
	}
	var labels struct{ Cases []*injection }
	if err := json.Unmarshal(text, &labels); err != nil {
		t.Fatal(err)
	}
	return labels.Cases
}

type otlpRequest struct {
	ResourceSpans []struct {
		Resource   struct{ Attributes []otlpAttribute }
		ScopeSpans []struct{ Spans []otlpSpan }
	}
}

type otlpAttribute struct {
	Key   string
	Value struct{ StringValue string }
}

type otlpSpan struct {
	TraceID, SpanID, ParentSpanID, Name string
	Kind                                model.Kind
	StartTimeUnixNano, EndTimeUnixNano  string
	Attributes                          []otlpAttribute
	Status                              struct{ Code model.StatusCode }
}

func (s *otlpSpan) span(resource *model.Resource) model.Span {
	out := model.Span{Name: s.Name, Kind: s.Kind, Status: s.Status.Code, Resource: resource}
	out.TraceID, _ = model.ParseTraceID(s.TraceID)
	out.ID, _ = model.ParseSpanID(s.SpanID)
	out.Parent, _ = model.ParseSpanID(s.ParentSpanID)
	out.Start, _ = strconv.ParseInt(s.StartTimeUnixNano, 10, 64)
	out.End, _ = strconv.ParseInt(s.EndTimeUnixNano, 10, 64)
	for _, a := range s.Attributes {
		if a.Key == "db.name" { // what a store takes for the peer of these recordings
			out.Attributes = append(out.Attributes,
				model.Attribute{Key: "peer", Value: model.StringValue(a.Value.StringValue)},
				model.Attribute{Key: "db.system", Value: model.StringValue("sql")})
		}
	}
	return out
}

// read reads the traces of an injection.
func (x *injection) read(t *testing.T) {
	t.Helper()
	x.names = new(rolluptest.Names)
	at := map[model.TraceID]int{}
	for line := range modeltest.Lines(t, filepath.Join(recordings, x.File), 0) {
		var r otlpRequest
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		for _, rs := range r.ResourceSpans {
			resource := &model.Resource{Service: model.UnknownService}
			for _, a := range rs.Resource.Attributes {
				if a.Key == "service.name" {
					resource.Service = a.Value.StringValue
				}
			}
			for _, ss := range rs.ScopeSpans {
				for i := range ss.Spans {
					x.add(at, ss.Spans[i].span(resource))
				}
			}
		}
	}
}

func (x *injection) add(at map[model.TraceID]int, s model.Span) {
	i, ok := at[s.TraceID]
	if !ok {
		i = len(x.traces)
		at[s.TraceID] = i
		x.traces = append(x.traces, recorded{id: s.TraceID, start: s.Start})
	}
	r := &x.traces[i]
	r.start = min(r.start, s.Start)
	r.spans = append(r.spans, x.names.Settle([]model.Span{s})...)
}

// rank compares the traces before and after a moment, those that keep wants, and returns the suspects.
func (x *injection) rank(at time.Time, keep func(i int) bool) []suspects.Suspect {
	c := suspects.New(x.names)
	for i := range x.traces {
		r := &x.traces[i]
		if r.start < x.From.UnixNano() || r.start >= x.To.UnixNano() || !keep(i) {
			continue
		}
		side := suspects.Baseline
		if r.start >= at.UnixNano() {
			side = suspects.Focus
		}
		c.Add(side, r.id, r.spans)
	}
	return c.Rank(0)
}

// rankQuiet compares the two halves of the baseline.
func (x *injection) rankQuiet() []suspects.Suspect {
	quiet := *x
	quiet.To = x.At
	return quiet.rank(x.From.Add(x.At.Sub(x.From)/2), func(int) bool { return true })
}

// history is all traces.
func (x *injection) history() *suspects.History {
	h := suspects.NewHistory(x.names)
	for i := range x.traces {
		h.Add(x.traces[i].id, x.traces[i].start, x.traces[i].spans)
	}
	return h
}

// rankOf is the place of the true cause, 0 where it is not among the suspects.
func (x *injection) rankOf(ss []suspects.Suspect) int {
	for i := range ss {
		if ss[i].Service == x.Cause {
			return i + 1
		}
	}
	return 0
}
