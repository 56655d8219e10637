// Package costs counts what requests cost, by kind, and what operations carry: bytes, rows, batches, and whether
// large ones take longer (ANALYSES A34).
//
//	request.Trace ─▶ Fold.Fold … ─▶ Fold.Result ─▶ kinds of requests, sizes by operation
//
// The cost of a request is the work that all its spans did, wherever they did it: a fast answer may leave much to
// do to consumers of its messages.
package costs

// Bounds of what is kept; what does not fit is counted in Result.Dropped.
const (
	maxKinds = 1 << 13 // root operations
	maxSizes = 1 << 13 // operations × measures, up to 10 kB each
)

// Measure is what a size is of. Its values are stable: scripts read them.
type Measure string

// The measures. Those whose names end in _bytes are in bytes, the rest are counts.
const (
	RequestBody  Measure = "http_request_body_bytes"
	ResponseBody Measure = "http_response_body_bytes"
	MessageBody  Measure = "message_body_bytes"
	Envelope     Measure = "message_envelope_bytes" // the body with its headers
	RPCMessage   Measure = "rpc_message_bytes"
	MessageBatch Measure = "message_batch"
	DBBatch      Measure = "db_batch"
	Rows         Measure = "db_returned_rows"
)

// measure is a Measure with the attributes that hold it: the present name of the semantic conventions first, then
// older ones.
type measure struct {
	Measure
	bytes bool
	keys  []string
}

// measures are all. A message whose body has a size is not counted by its envelope again.
func measures() []measure {
	return []measure{
		{RequestBody, true, []string{"http.request.body.size", "http.request_content_length", "http.request_content_length_uncompressed"}},
		{ResponseBody, true, []string{"http.response.body.size", "http.response_content_length", "http.response_content_length_uncompressed"}},
		{MessageBody, true, []string{"messaging.message.body.size", "messaging.message.payload_size_bytes", "messaging.message_payload_size_bytes"}},
		{Envelope, true, []string{"messaging.message.envelope.size"}},
		{RPCMessage, true, []string{"rpc.message.uncompressed_size", "rpc.message.compressed_size", "message.uncompressed_size", "message.compressed_size"}},
		{MessageBatch, false, []string{"messaging.batch.message_count"}},
		{DBBatch, false, []string{"db.operation.batch.size"}},
		{Rows, false, []string{"db.response.returned_rows"}},
	}
}
