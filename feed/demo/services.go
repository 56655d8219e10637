package demo

// serviceID indexes services.
type serviceID int

// The services.
const (
	web serviceID = iota
	mobile
	cart
	checkout
	payments
	inventory
	catalog
	search
	recommendation
	shipping
	auth
	notification
	ledger
	fraud
	scheduler
)

// service is what the resource of its spans says.
type service struct {
	name, version, language string
	pods                    int
	scope                   string // instrumentation scope
}

// services is the shop; indexed by serviceID and never changed.
var services = [...]service{
	web:            {"web", "5.12.1", "nodejs", 3, "@opentelemetry/instrumentation-http"},
	mobile:         {"mobile-gateway", "2.3.0", "go", 2, "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"},
	cart:           {"cart", "1.9.4", "dotnet", 2, "OpenTelemetry.Instrumentation.AspNetCore"},
	checkout:       {"checkout", "3.1.0", "go", 3, "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"},
	payments:       {"payments", "7.0.2", "java", 3, "io.opentelemetry.jdbc"},
	inventory:      {"inventory", "2.8.0", "java", 3, "io.opentelemetry.spring-webmvc-6.0"},
	catalog:        {"catalog", "4.4.4", "go", 3, "go.opentelemetry.io/contrib/instrumentation/database/sql/otelsql"},
	search:         {"search", "1.0.9", "python", 2, "opentelemetry.instrumentation.fastapi"},
	recommendation: {"recommendation", "2.3.7", "python", 4, "opentelemetry.instrumentation.grpc"},
	shipping:       {"shipping", "0.9.9", "rust", 2, "tracing-opentelemetry"},
	auth:           {"auth", "6.6.0", "go", 2, "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"},
	notification:   {"notification", "1.2.2", "ruby", 1, "OpenTelemetry::Instrumentation::RubyKafka"},
	ledger:         {"ledger", "3.3.1", "java", 1, "io.opentelemetry.kafka-clients-2.6"},
	fraud:          {"fraud", "0.4.0", "python", 1, "opentelemetry.instrumentation.kafka"},
	scheduler:      {"scheduler", "1.1.0", "go", 1, "shop/scheduler"},
}

// database is something that is called and sends no spans.
type database struct {
	system, namespace, address string
	port                       int64
}

// Databases and caches.
var (
	pgPayments   = database{"postgresql", "payments", "pg-payments", 5432}
	pgOrders     = database{"postgresql", "orders", "pg-orders", 5432}
	mysqlCatalog = database{"mysql", "catalog", "mysql-catalog", 3306}
	redisCart    = database{"redis", "0", "redis-cart", 6379}
	redisSession = database{"redis", "1", "redis-session", 6379}
	openSearch   = database{"opensearch", "products", "opensearch", 9200}
)
