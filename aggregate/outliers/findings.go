package outliers

import (
	"fmt"
	"strconv"
	"strings"

	"oteltop/aggregate/filter"
	"oteltop/aggregate/findings"
	"oteltop/aggregate/prose"
	"oteltop/model/store"
)

var (
	_ findings.Detector = (*Latency)(nil)
	_ findings.Detector = (*Structure)(nil)
)

const (
	// maxError is the family-wise error of findings as far as the median and the MAD of a population are
	// known. They are estimates, so that chance makes one in some 2 % of healthy populations: measured in
	// TestHealthyDurations.
	maxError = .01
	// fewOutliers are as many as have to be extreme to be worth a look: one request that took four times as
	// long as others hurts nobody and says nothing.
	fewOutliers = 2
	extreme     = 10 // times the median
)

// Findings implements findings.Detector: the groups that are more than chance, and large or extreme.
func (l *Latency) Findings() []findings.Finding {
	var out []findings.Finding
	for _, s := range l.Slow() {
		if s.Q < maxError && (s.Count > fewOutliers || s.Slowest >= extreme*s.Median) {
			out = append(out, s.Finding())
		}
	}
	return out
}

// Finding is the group as a finding.
func (s *Slow) Finding() findings.Finding {
	f := findings.Finding{
		Kind: findings.LatencyOutlier, Title: s.Title(), Service: s.Root.ServiceName, Operation: s.Root.Name, OpKind: s.Root.Kind,
		Harmed: s.Count, Failed: s.Failed, Of: s.Of, Lost: s.Lost, Q: s.Q, Traces: s.Traces, Span: s.Span,
		Figures: []findings.Figure{
			{Name: "median_ns", Number: float64(s.Median)},
			{Name: "fastest_ns", Number: float64(s.Fastest)},
			{Name: "slowest_ns", Number: float64(s.Slowest)},
			{Name: "compared_requests", Number: float64(s.Among)},
			{Name: "robust_z", Number: s.Z},
			{Name: "surprise_bits", Number: s.Surprise},
			{Name: "path", Text: PathText(s.Path)},
			{Name: "path_ns", Number: float64(s.Own)},
			{Name: "path_usual_ns", Number: float64(s.Usual)},
		},
	}
	if s.Exact {
		f.Select = rootFilter(s.Root) + " && traceDuration >= " + strconv.FormatInt(s.Fastest, 10) + "ns"
	}
	return f
}

// Title is a sentence for people.
func (s *Slow) Title() string {
	some := fmt.Sprintf("%s of %s", prose.Count(s.Count), prose.Count(s.Of))
	if s.AtLeast {
		some = "at least " + some
	}
	long := prose.Duration(s.Slowest)
	if from := prose.Duration(s.Fastest); from != long {
		long = from + " to " + long
	}
	return fmt.Sprintf("%s %s took %s, median %s: %s", some, s.Root.Name, long, prose.Duration(s.Median), s.because())
}

// because says what took the time.
func (s *Slow) because() string {
	if len(s.Path) == 0 {
		return "nothing that is told apart took it"
	}
	last := s.Path[len(s.Path)-1]
	switch {
	case last.Kind.IsExit():
		return fmt.Sprintf("%s in %s was waited for", last.Name, last.ServiceName)
	case len(s.Path) == 1:
		return fmt.Sprintf("%s itself took it, nothing that it calls", last.ServiceName)
	}
	return fmt.Sprintf("%s in %s itself took it", last.Name, last.ServiceName)
}

// Findings implements findings.Detector.
func (x *Structure) Findings() []findings.Finding {
	var out []findings.Finding
	for _, o := range x.Odd() {
		out = append(out, o.Finding())
	}
	return out
}

// Finding is the group as a finding.
func (o *Odd) Finding() findings.Finding {
	f := findings.Finding{
		Kind: findings.ShapeOutlier, Title: o.Title(), Service: o.Root.ServiceName, Operation: o.Root.Name, OpKind: o.Root.Kind,
		Harmed: o.Count, Failed: o.Failed, Of: o.Of, Q: o.Q, Traces: o.Traces, Span: o.Span,
		Figures: []findings.Figure{
			{Name: "reason", Text: string(o.Reason)},
			{Name: "percentile", Number: o.Percentile},
		},
	}
	switch o.Reason {
	case Calls, Lacks:
		f.Figures = append(f.Figures, findings.Figure{Name: "shape_surprise_bits", Number: o.ShapeBits}, findings.Figure{Name: "calls_surprise_bits", Number: o.PathBits},
			findings.Figure{Name: "path", Text: PathText(o.Path)})
	default:
		f.Figures = append(f.Figures, findings.Figure{Name: "most", Number: float64(o.Most)}, findings.Figure{Name: "usual_most", Number: float64(o.Usual)},
			findings.Figure{Name: "robust_z", Number: o.Z})
	}
	if o.Reason == Lacks {
		f.Figures = append(f.Figures, findings.Figure{Name: "others_share", Number: o.Others})
	}
	if o.Reason == Calls && o.Exact && len(o.Path) > 1 {
		last := o.Path[len(o.Path)-1]
		f.Select = fmt.Sprintf("%s && service = %s && name = %s", rootFilter(o.Root), filter.Quote(last.ServiceName), filter.Quote(last.Name))
	}
	return f
}

// Title is a sentence for people.
func (o *Odd) Title() string { return o.Root.Name + " " + o.Words() }

// Words say what is odd.
func (o *Odd) Words() string {
	some := fmt.Sprintf("%s of %s", prose.Count(o.Count), prose.Count(o.Of))
	if o.Failed > 0 && o.Failed >= o.Count {
		some += ", all of which failed"
	}
	switch o.Reason {
	case Calls:
		return fmt.Sprintf("calls %s, seen in %s", o.call(), some)
	case Lacks:
		return fmt.Sprintf("lacks the call %s that %s make, in %s", o.call(), percent(o.Others), some)
	case Wide:
		return fmt.Sprintf("calls %s in %s %s from %s, seen in %s: 99%% of all call it %s or less", o.Call.Name, o.Call.ServiceName, times(uint64(o.Most)),
			o.Caller.ServiceName, some, times(uint64(o.Usual)))
	case Deep:
		return fmt.Sprintf("is %s levels deep, seen in %s: 99%% of all have at most %s", prose.Count(uint64(o.Most)), some, prose.Count(uint64(o.Usual)))
	}
	return fmt.Sprintf("has %s spans, seen in %s: 99%% of all have at most %s", prose.Count(uint64(o.Most)), some, prose.Count(uint64(o.Usual)))
}

func times(n uint64) string {
	if n == 1 {
		return "once"
	}
	return prose.Count(n) + " times"
}

// call names the last call of the path and who makes it.
func (o *Odd) call() string {
	last := o.Path[len(o.Path)-1]
	text := last.Name + " in " + last.ServiceName
	if n := len(o.Path); n > 1 && o.Path[n-2].ServiceName != last.ServiceName {
		text += " from " + o.Path[n-2].ServiceName
	}
	return text
}

// rootFilter matches the traces of a root operation.
func rootFilter(root store.Operation) string {
	return fmt.Sprintf("rootService = %s && rootName = %s", filter.Quote(root.ServiceName), filter.Quote(root.Name))
}

// PathText writes a call path.
func PathText(path []store.Operation) string {
	var steps []string
	for _, o := range path {
		steps = append(steps, o.ServiceName+" "+o.Name)
	}
	return strings.Join(steps, " → ")
}

// percent writes a share with as many digits as tell it from 100 %.
func percent(share float64) string {
	for digits := 1; digits < 4; digits++ {
		if text := strconv.FormatFloat(100*share, 'f', digits, 64); !strings.HasPrefix(text, "100") {
			return text + "%"
		}
	}
	return "nearly all"
}
