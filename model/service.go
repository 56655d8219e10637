package model

// ServiceOf is the service name of a resource, UnknownService where it has none.
func ServiceOf(r *Resource) string {
	if r == nil || r.Service == "" {
		return UnknownService
	}
	return r.Service
}
