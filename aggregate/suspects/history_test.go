package suspects_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"oteltop/aggregate/suspects"
	"oteltop/model"
)

// history makes two requests a second for some minutes, with changes at given seconds.
func history(seed uint64, minutes int, changes map[int]func(s *shop)) *suspects.History {
	s := newShop(seed)
	h := suspects.NewHistory(s.names)
	for i := range minutes * 120 {
		if change := changes[i/2]; change != nil && i%2 == 0 {
			change(s)
		}
		s.make()
		h.Add(model.TraceID{Lo: uint64(i + 1)}, 1e18+int64(i)*5e8, s.names.Settle(s.spans))
	}
	return h
}

// TestOnsets plants two faults in a quarter of an hour and finds when each began, and whose it is.
func TestOnsets(t *testing.T) {
	h := history(5, 15, map[int]func(s *shop){
		200: func(s *shop) { s.cartWork += 20 },
		320: func(s *shop) { s.cartWork -= 20 },
		700: func(s *shop) { s.failCart = .5 },
	})
	found, err := h.Onsets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 {
		t.Fatalf("%d onsets, want 2: %+v", len(found), found)
	}
	for i, want := range []struct {
		at        int64 // s
		mechanism suspects.Mechanism
	}{{200, suspects.Work}, {700, suspects.Errors}} {
		x := found[i]
		late := time.Duration(x.At - 1e18 - want.at*1e9)
		if late.Abs() > 30*time.Second || x.Suspects[0].Service != "cart" || x.Suspects[0].Changes[0].Mechanism != want.mechanism {
			t.Errorf("%v late: %s", late, x.Suspects[0].Why())
		}
		if x.Focus == 0 || x.Baseline < x.Focus {
			t.Errorf("%d traces against %d", x.Focus, x.Baseline)
		}
	}
}

// TestNoOnset: hours without a change have none.
func TestNoOnset(t *testing.T) {
	found, err := history(11, 60, nil).Onsets(context.Background())
	if err != nil || len(found) > 0 {
		t.Errorf("%v, %+v", err, found)
	}
}

// TestOnsetsOfLittle: soon after a start less is compared with less, and still nothing is found in chance.
func TestOnsetsOfLittle(t *testing.T) {
	if found, err := history(1, 0, nil).Onsets(context.Background()); err != nil || len(found) > 0 {
		t.Errorf("no requests: %v, %v", found, err)
	}
	found, err := history(1, 1, map[int]func(s *shop){30: func(s *shop) { s.cartWork += 99 }}).Onsets(context.Background())
	if err != nil || len(found) != 1 || found[0].Suspects[0].Service != "cart" || time.Duration(found[0].At-1e18-30e9).Abs() > 3*time.Second {
		t.Errorf("one minute: %v, %+v", err, found)
	}
	for seed := range uint64(60) {
		found, err := history(seed, 1+int(seed%3), nil).Onsets(context.Background())
		if err != nil || len(found) > 0 {
			t.Errorf("nothing changed in history %d: %v, %+v", seed, err, found)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := history(1, 3, nil).Onsets(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestOnsetAcrossAGap: clocks that are wrong by years cost no search through the years.
func TestOnsetAcrossAGap(t *testing.T) {
	s := newShop(2)
	h := suspects.NewHistory(s.names)
	for i := range 600 {
		at := int64(i) * 5e8
		if i%50 == 0 {
			at = 0 // the time that OTLP's unset is
		} else {
			at += 1e18
		}
		if i == 400 {
			s.database += 30
		}
		s.make()
		h.Add(model.TraceID{Lo: uint64(i + 1)}, at, s.names.Settle(s.spans))
	}
	found, err := h.Onsets(context.Background())
	if err != nil || len(found) != 1 || found[0].Suspects[0].Service != "pg" {
		t.Errorf("%v, %+v", err, found)
	}
}
