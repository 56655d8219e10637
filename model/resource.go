package model

// Resource is what produced a span. Shared by many spans; immutable.
type Resource struct {
	// Service is the name that every table and map uses: service.name, or UnknownService. Where two
	// namespaces use one name, the later one to arrive is "namespace/name" (D4).
	Service    string
	Attributes []Attribute
	Dropped    uint32
	SchemaURL  string
}

// UnknownService stands for a resource without service.name. Such spans are kept (peers drop them).
const UnknownService = "unknown_service"

// ServiceOf is the service name of a resource, UnknownService where it has none.
func ServiceOf(r *Resource) string {
	if r == nil || r.Service == "" {
		return UnknownService
	}
	return r.Service
}

// AttributesOf are the attributes of a resource; nil where there is no resource.
func AttributesOf(r *Resource) []Attribute {
	if r == nil {
		return nil
	}
	return r.Attributes
}
