// A finding as the list and the map show it: title, evidence and figures in words.

package ui

import (
	"slices"
	"strings"
	"time"

	"oteltop/aggregate"
	"oteltop/aggregate/findings"
	titles "oteltop/aggregate/prose"
	"oteltop/aggregate/suspects"
	"oteltop/model"
	"oteltop/themes"
	"oteltop/ui/canvas"
	"oteltop/ui/num"
)

// findingRow is a finding with its texts, fit for the screen.
type findingRow struct {
	*findings.Finding
	title model.Text
	brief model.Text              // the title with short names, where room is short
	lines []model.Text            // the evidence, one line each
	parts []model.Text            // the same with a line for each figure, where there is room
	seen  model.Text              // the traces that show it, where there is no room for more about them; empty for none
	place *aggregate.OperationRow // where it was found, nil where rollups do not know it
	calls *aggregate.Edge         // likewise, of what was found about the calls between two services

	placeService, placeOperation model.Text // of place; the operation is empty of a service as a whole
	callsTitle                   model.Text // of calls

	wrapped   []model.Text // lines and title broken to a width
	heads     int          // of wrapped, those of the title
	wrappedTo findingRoom
	least     int // lines of title and evidence in a width
	leastTo   int

	titled   []model.Text // brief broken to a width and a number of lines
	titledTo [2]int

	needs   int // lines of a title in a width
	needsTo int
}

// suspectLeast is the share of a change from which on another suspect is named: who has less is no other explanation.
const suspectLeast = .05

func newFindingRow(f *findings.Finding) *findingRow {
	r := &findingRow{Finding: f, title: model.Sanitise(f.Title), brief: model.Sanitise(shortMethods(f.Title))}
	part := func(text string) { r.parts = append(r.parts, model.Sanitise(text)) }
	line := func(text string) { r.lines = append(r.lines, model.Sanitise(text)) }
	add := func(text string) { line(text); part(text) }
	add(harmLine(f))
	figures, wide := figureTexts(f)
	if len(figures) > 0 {
		texts := make([]string, len(figures))
		for i, x := range figures {
			texts[i] = x[0] + " " + x[1]
			if x[0] == qFigure { // q<.001 and q=.012 stay together
				texts[i] = qFigure + "=" + x[1]
				if strings.HasPrefix(x[1], "<") {
					texts[i] = qFigure + x[1]
				}
			}
		}
		line(strings.Join(texts, ", "))
	}
	for _, x := range figures {
		part("  " + x[0] + strings.Repeat(" ", wide-len(x[0])+2) + x[1])
	}
	for i := 1; i < len(f.Suspects); i++ {
		if s := &f.Suspects[i]; s.Score > 0 && s.Share >= suspectLeast {
			add("or " + suspectLine(s))
		}
	}
	if len(f.Traces) > 0 {
		r.seen = model.Sanitise("seen in " + exampleIDs(f.Traces) + ": o opens the first")
	}
	return r
}

// shortMethods leaves the packages out of the names of gRPC methods: shop.v1.CartService/GetCart is
// CartService/GetCart. Packages are in lower case and services are not, so that hosts and paths stay as they are.
func shortMethods(text string) string {
	words := strings.Split(text, " ")
	for i, w := range words {
		service, method, ok := strings.Cut(strings.TrimPrefix(w, "/"), "/")
		dot := strings.LastIndexByte(service, '.')
		if !ok || method == "" || dot < 0 || dot+1 == len(service) || service[:dot] != strings.ToLower(service[:dot]) {
			continue
		}
		if c := service[dot+1]; c >= 'A' && c <= 'Z' {
			words[i] = service[dot+1:] + "/" + method
		}
	}
	return strings.Join(words, " ")
}

// breakTitle breaks a title into lines of a width; the last of so many holds all that does not fit.
func breakTitle(title model.Text, width, most int) []model.Text {
	lines, more := wrapText(title.String(), width, most)
	if more {
		rest := title.String()
		for _, l := range lines[:most-1] {
			rest = strings.TrimPrefix(rest, l.String())
		}
		lines[most-1] = model.Sanitise(strings.TrimLeft(rest, " "))
	}
	return lines
}

// over reports whether what was found has ended since.
func (r *findingRow) over() bool { return r.Ended != 0 }

// mark is how a finding is marked: by its class, or as over.
func (r *findingRow) mark(f *Frame) (rune, themes.Style) {
	if r.over() {
		return f.G.OK, f.Theme.Dim
	}
	return classMark(r.Kind.Class(), f)
}

// trend is how the place of a finding fares, nil where that is not known: of calls as those who wait for them see it.
func (r *findingRow) trend() *aggregate.Trend {
	switch {
	case r.calls != nil:
		return &r.calls.Trend
	case r.place != nil:
		return &r.place.Trend
	}
	return nil
}

// kindWord is the kind in a word or two, and whether it is over.
func (r *findingRow) kindWord() canvas.Literal {
	switch {
	case r.over() && r.Kind == findings.Onset:
		return "change, over"
	case r.over(): // nothing else has an end
		return "errors, over"
	}
	return kindWords[r.Kind]
}

// harmLine says whom it harmed and what it cost.
func harmLine(f *findings.Finding) string {
	var b []byte
	b = append(b, titles.Count(f.Harmed)...)
	b = append(append(b, " of "...), titles.Count(f.Of)...)
	b = append(b, " requests"...)
	if f.Of > 0 {
		b = append(num.Share(append(b, " ("...), float64(f.Harmed)/float64(f.Of)), ')')
	}
	if f.Failed > 0 {
		b = append(append(append(b, ", of which "...), titles.Count(f.Failed)...), " failed"...)
	}
	if f.Lost > 0 {
		b = append(num.Duration(append(b, ", cost "...), f.Lost), " together"...)
	}
	if f.From != 0 {
		b = append(b, ", "...)
		w := aggregate.Window{From: f.From, To: f.To}
		if f.Kind == findings.Onset { // its end is where the look ended, unless it is over
			w.To = f.Ended
			if f.Ended == 0 && f.To > f.From {
				b = append(num.Duration(append(b, "in "...), f.To-f.From), ' ')
			}
		}
		b = appendSpan(b, w)
	}
	return string(b)
}

// units of figures, by the end of their names.
var figureUnits = []struct {
	suffix string
	write  func(b []byte, v float64) []byte
}{
	{"_unix_nano", func(b []byte, v float64) []byte { return time.Unix(0, int64(v)).AppendFormat(b, time.TimeOnly) }},
	{"_ns", func(b []byte, v float64) []byte { return num.Duration(b, int64(v)) }},
	{"_share", num.Share},
	{"_ratio", func(b []byte, v float64) []byte { return append(b, ratioText(v)...) }},
}

// figureWords are names of figures without their unit that say little to people, and what is said instead; nothing of
// what only ranks findings.
var figureWords = map[string]string{
	"score": "", "earliest": "", "latest": "", "baseline_traces": "requests before", "focus_traces": "",
	"passing_traces": "requests that come here", "surprise_bits": "surprise in bits",
	"requests_with_it": "requests with this error", "absorbed_requests": "of them saved by a caller", "hops": "calls up to the user, on average",
	"requests_of_kind": "requests of the same operations",
	"rho":              "correlation with load", "arrivals_rho": "correlation with arrivals",
}

// beganText says how sure it is when something began: between the times that two figures tell, where they are apart.
func beganText(figures []findings.Figure) (text string, ok bool) {
	at := func(name string) int64 {
		if i := slices.IndexFunc(figures, func(x findings.Figure) bool { return x.Name == name }); i >= 0 {
			return int64(figures[i].Number)
		}
		return 0
	}
	from, to := at("earliest_unix_nano"), at("latest_unix_nano")
	if from/1e9 == to/1e9 {
		return "", false
	}
	return string(appendClock(append(appendClock(nil, from), " and "...), to)), true
}

// appendExact writes counts with all their digits, as titles do, and other numbers with two digits.
func appendExact(b []byte, v float64) []byte {
	if v >= 0 && v == float64(uint64(v)) {
		return append(b, titles.Count(uint64(v))...)
	}
	return appendNumber(b, v)
}

// qFigure is what a false discovery rate is called.
const qFigure = "q"

// figureTexts are the figures of a finding as people say them, names and values, and the bytes of the longest name.
func figureTexts(f *findings.Finding) (texts [][2]string, wide int) {
	if value, ok := beganText(f.Figures); ok {
		const name = "began between"
		texts, wide = append(texts, [2]string{name, value}), len(name)
	}
	for _, x := range f.Figures {
		if name, value := figureText(x); name != "" {
			texts, wide = append(texts, [2]string{name, value}), max(wide, len(name))
		}
	}
	if f.Q != 0 {
		texts, wide = append(texts, [2]string{qFigure, string(appendQ(nil, f.Q))}), max(wide, len(qFigure))
	}
	return texts, wide
}

// figureText writes a figure of the evidence as people say it: "median" "31ms", "requests before" "195". Empty:
// nothing is to be said.
func figureText(x findings.Figure) (text, value string) {
	name := x.Name
	write := appendExact
	for _, u := range figureUnits {
		if strings.HasSuffix(name, u.suffix) {
			name, write = strings.TrimSuffix(name, u.suffix), u.write
			break
		}
	}
	words, ok := figureWords[name]
	if !ok {
		words = strings.ReplaceAll(name, "_", " ")
	}
	if name = words; name == "" {
		return "", ""
	}
	if x.Text != "" {
		return name, x.Text
	}
	return name, string(write(nil, x.Number))
}

// suspectLine names somebody else who has a part in a change, and says when that was over.
func suspectLine(s *suspects.Suspect) string {
	b := append([]byte(s.Service), ", "...)
	b = append(num.Share(b, s.Share), " of the change: "...)
	b = append(b, s.Why()...)
	if s.Ended != 0 {
		b = appendClock(append(b, "; over at "...), s.Ended)
	}
	return string(b)
}

func exampleIDs(ids []model.TraceID) string {
	var short []string
	for _, id := range ids {
		short = append(short, shortID(id))
	}
	return strings.Join(short, ", ")
}

// findingRoom is the room for the evidence in words.
type findingRoom struct {
	width, height int
	seen          bool // that there are traces is said among it
}

// wrap breaks title and evidence to a width, once: with a line for each figure where that fits into the height.
func (r *findingRow) wrap(room findingRoom) {
	if r.wrappedTo == room {
		return
	}
	r.wrappedTo = room
	for _, lines := range [2][]model.Text{r.parts, r.lines} {
		if room.seen && r.seen != (model.Text{}) {
			lines = append(slices.Clip(lines), r.seen)
		}
		if r.wrapped, r.heads = r.broken(lines, room.width); len(r.wrapped) <= room.height {
			return
		}
	}
}

// broken is the title and lines of evidence broken to a width, and how many of that are the title's.
func (r *findingRow) broken(lines []model.Text, width int) (all []model.Text, heads int) {
	const most = 8 // lines of one text: what is longer is a name that somebody else made so long
	all, _ = wrapText(r.title.String(), width, most)
	heads = len(all)
	for _, l := range lines {
		more, _ := wrapText(l.String(), width, most)
		all = append(all, more...)
	}
	return all, heads
}

// wordsLeast is how many lines the evidence takes at least, without what traces show it.
func (r *findingRow) wordsLeast(width int) int {
	if r.leastTo != width {
		all, _ := r.broken(r.lines, width)
		r.least, r.leastTo = len(all), width
	}
	return r.least
}

// kindWords are the kinds in a word or two.
var kindWords = map[findings.Kind]canvas.Literal{
	findings.Onset: "change", findings.Recovery: "recovery", findings.ErrorOrigin: "error origin", findings.ErrorGroup: "new errors",
	findings.RetryStorm: "retry storm", findings.Retries: "retries", findings.LatencyOutlier: "slow outliers",
	findings.ShapeOutlier: "odd requests", findings.Growth: "growing", findings.Step: "step",
	findings.Contention: "contention", findings.NPlusOne: "N+1 calls", findings.SerialCalls: "serial calls",
	findings.FanOut: "fan-out", findings.DuplicateCalls: "repeated work", findings.CallCycle: "cycle", findings.CrossRegion: "far call",
	findings.Amplification: "amplification", findings.Chokepoint: "chokepoint", findings.PropagationGap: "lost context",
	findings.ClockSkew: "clock skew", findings.MissingSpans: "missing spans", findings.PartialSampling: "sampling",
}

// classMark is how a class of findings is marked, by sign as well as by colour.
func classMark(c findings.Class, f *Frame) (rune, themes.Style) {
	switch c {
	case findings.Broken:
		return f.G.Error, f.Theme.Error
	case findings.Changed:
		return f.G.Changed, f.Theme.Up
	case findings.Slow:
		return f.G.Clock, f.Theme.Warn
	case findings.Wasteful:
		return f.G.Retry, f.Theme.Info
	case findings.Unusual:
		return f.G.Diamond, f.Theme.Info
	}
	return f.G.Bullet, f.Theme.Dim
}
