package features

// Example is an expression and what it says of a trace.
type Example struct {
	Text, Meaning string
	Grouped       bool // followed by what to group by
}

// Examples are expressions to begin with, one of each kind.
func Examples() []Example {
	return []Example{
		{Text: "count(error)", Meaning: "spans that failed"},
		{Text: "count(kind = client)", Meaning: "calls that it makes"},
		{Text: "distinct(service)", Meaning: "services that it reaches"},
		{Text: "max(depth)", Meaning: "how deep calls are nested"},
		{Text: "max(duration where kind = client)", Meaning: "its slowest call"},
		{Text: `sum(self where .db.system.name != nil)`, Meaning: "time spent in databases"},
		{Text: "sum(critical where error) / sum(critical)", Meaning: "part of the path that fails"},
		{Text: "first(.http.route)", Meaning: "an attribute, from the top"},
		{Text: "max(duration) by http.route", Meaning: "per value of an attribute", Grouped: true},
	}
}
