package aggregate

import (
	"runtime/debug"
	"sync/atomic"
)

// Fault is a panic of a goroutine that worked for a question, raised again in the goroutine that asked. Nobody could
// have caught it before, and the terminal would be left as it is.
type Fault struct {
	Reason any    // what the goroutine panicked with; may quote attributes
	Stack  []byte // of that goroutine
}

// faults keeps the first panic of several goroutines.
type faults struct{ first atomic.Pointer[Fault] }

// catch is deferred at the top of each goroutine.
func (f *faults) catch() {
	if r := recover(); r != nil {
		f.first.CompareAndSwap(nil, &Fault{Reason: r, Stack: debug.Stack()})
	}
}

// raise panics with what was caught. It is called when all goroutines have ended.
func (f *faults) raise() {
	if p := f.first.Load(); p != nil {
		panic(p)
	}
}
