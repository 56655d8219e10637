// Errors of more than one question.

package aggregate

import "errors"

// ErrNoTrace is returned by Engine.Trace for a trace that is not retained.
var ErrNoTrace = errors.New("trace is not retained")
