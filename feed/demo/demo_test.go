package demo

import (
	"reflect"
	"testing"
	"time"
)

func TestSameSeedSameRequests(t *testing.T) {
	from := time.Unix(1_700_000_000, 0)
	a := Generate(Options{Seed: 1}, from, from.Add(5*time.Second))
	b := Generate(Options{Seed: 1}, from, from.Add(5*time.Second))
	c := Generate(Options{Seed: 2}, from, from.Add(5*time.Second))
	if len(a) == 0 || !reflect.DeepEqual(a, b) || reflect.DeepEqual(a, c) {
		t.Errorf("%d requests; a seed must decide them", len(a))
	}
}
