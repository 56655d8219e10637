// Package demo generates the traces of a web shop as a feed.Source: about fourteen services that call each
// other over HTTP and gRPC, databases, caches and Kafka, with faults that can be found.
//
//	slot of one second ─▶ traces (shop.go) ─▶ spans ─▶ per service, when its SDK would flush ─▶ Sink
//
// Everything is a pure function of seed and time. Faults repeat in a cycle of ten minutes that begins
// with the backfill, so that the first look at the screen finds one fault just over and one going on:
//
//	error-burst   1:00– 2:00  inventory throws for most reservations; checkout and web fail with it
//	slow-tenant   2:30– 6:30  payments' postgres is 60 times slower, for tenant acme only
//	n-plus-one    7:00– 8:30  catalog reads the items of GET /category/{name} one by one
//	slow-release  6:45– 9:30  recommendation 2.4.0, 4 times slower, rolls out pod by pod
//	retry-storm   8:45– 9:45  shipping answers 503; checkout tries up to four times
//
// All the time: shipping's host clock is 4 ms ahead, 0.3 % of the spans are lost, and one request in two
// hundred has a slow outlier somewhere.
package demo

import (
	"time"

	"oteltop/model"
)

const (
	defaultRate     = 25 // traces per second: lively, and a few percent of a core at most
	defaultBackfill = 5 * time.Minute
	cycle           = 10 * time.Minute
)

// Fault is something that goes wrong at the same offsets of every cycle.
type Fault struct {
	Name       string
	Start, End time.Duration // within the cycle
	Service    string        // the one to blame
	Attribute  string        // what sets the affected spans apart, as key=value; empty: nothing does
}

// The faults, as indexes into Faults.
const (
	errorBurst  = iota // reservations time out on a lock
	slowTenant         // the ledger query of one tenant lost its index
	nPlusOne           // items are read one by one
	slowRelease        // the new model is slower
	retryStorm         // quotes fail and are retried
)

// Faults lists the timetable.
func Faults() []Fault {
	return []Fault{
		{"error-burst", time.Minute, 2 * time.Minute, "inventory", "exception.type=StockLockTimeout"},
		{"slow-tenant", 150 * time.Second, 390 * time.Second, "payments", "tenant=acme"},
		{"n-plus-one", 7 * time.Minute, 510 * time.Second, "catalog", "http.route=/category/{name}"},
		{"slow-release", 405 * time.Second, 570 * time.Second, "recommendation", "service.version=" + slowVersion},
		{"retry-storm", 525 * time.Second, 585 * time.Second, "shipping", "http.response.status_code=503"},
	}
}

// Options of the generator; zero values mean the defaults.
type Options struct {
	Rate     float64 // traces per second; default 25
	Seed     uint64
	Backfill time.Duration // of history that is delivered at once; default 5 minutes, negative for none
	Now      func() time.Time
	Intake   *model.Intake
	// Origin is where the cycle of faults begins. Zero: Run takes the start of the backfill, Generate the
	// Unix epoch.
	Origin time.Time
}

func (o Options) withDefaults() Options {
	if o.Rate <= 0 {
		o.Rate = defaultRate
	}
	if o.Backfill == 0 {
		o.Backfill = defaultBackfill
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Intake == nil {
		o.Intake = new(model.Intake)
	}
	return o
}

// share tells how far a fault has come at a time: -1 while it is off, else 0 to 1.
func (o *Options) share(fault int, at int64) float64 {
	f := Faults()[fault]
	offset := time.Duration(at-o.origin()) % cycle
	if offset < 0 {
		offset += cycle
	}
	if offset < f.Start || offset >= f.End {
		return -1
	}
	return float64(offset-f.Start) / float64(f.End-f.Start)
}

func (o *Options) on(fault int, at int64) bool { return o.share(fault, at) >= 0 }

func (o *Options) origin() int64 {
	if o.Origin.IsZero() {
		return 0
	}
	return o.Origin.UnixNano()
}
