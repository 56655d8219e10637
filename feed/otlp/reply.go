package otlp

import (
	"encoding/json"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
)

// reply is an outcome as an Export…ServiceResponse. On full success it is empty: partial_success must
// not be set then.
type reply outcome

// proto is the response in protobuf: partial_success 1 with rejected_spans or rejected_log_records 1 and
// error_message 2.
func (r reply) proto() []byte {
	if r.rejected == 0 {
		return nil
	}
	var partial []byte
	partial = protowire.AppendTag(partial, 1, protowire.VarintType)
	partial = protowire.AppendVarint(partial, uint64(r.rejected))
	partial = protowire.AppendTag(partial, 2, protowire.BytesType)
	partial = protowire.AppendString(partial, valid(r.message))
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), partial)
}

// json is the response in JSON; the count is a 64-bit integer and therefore a string.
func (r reply) json() []byte {
	if r.rejected == 0 {
		return []byte("{}")
	}
	rejected := "rejectedSpans"
	if r.signal == logs {
		rejected = "rejectedLogRecords"
	}
	return []byte(`{"partialSuccess":{"` + rejected + `":"` + strconv.Itoa(r.rejected) + `","errorMessage":` + quote(r.message) + `}}`)
}

// statusProto is a google.rpc.Status: code 1, message 2.
func statusProto(code codes.Code, text string) []byte {
	b := protowire.AppendTag(nil, 1, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(code))
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendString(b, valid(text))
}

func statusJSON(code codes.Code, text string) []byte {
	return []byte(`{"code":` + strconv.Itoa(int(code)) + `,"message":` + quote(text) + `}`)
}

// valid makes text fit for a protobuf string, which must be UTF-8 while what senders send need not be.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil { // does not happen for strings
		return `""`
	}
	return string(quoted)
}
