package tidemark

import (
	"time"

	"tidemark/engine/op"
	"tidemark/ingest"
	"tidemark/table"
)

// Option changes how a database is opened.
type Option func(*options)

type options struct {
	readOnly, noCreate, lazy bool
	threads                  int
	memory, softMemory       int64
	now                      func() time.Time
	geoIP                    string
}

// ReadOnly opens the database for reading; several processes may do so at
// once. It implies NoCreate.
func ReadOnly() Option { return func(o *options) { o.readOnly, o.noCreate = true, true } }

// NoCreate does not make a database where there is none: the built-in tables
// are then there, and empty.
func NoCreate() Option { return func(o *options) { o.noCreate = true } }

// Lazy opens the files when a stored table is first touched, so that a query
// that reads none needs no database and takes no lock.
func Lazy() Option { return func(o *options) { o.lazy = true } }

// Threads is how many cores a query may use; 0 means all.
func Threads(n int) Option { return func(o *options) { o.threads = n } }

// MemoryLimit is how many bytes the sorting, grouping and joining of all
// queries together may hold; 0 means no limit. Caches of the storage come on
// top.
func MemoryLimit(bytes int64) Option { return func(o *options) { o.memory = bytes } }

// Clock replaces time.Now: for now() in queries and for ingestion times.
func Clock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// GeoIP names the database file that geo_info_from_ip_address() reads: one in
// MaxMind's format with cities, such as GeoLite2-City.mmdb. It is opened when a
// query first needs it.
func GeoIP(path string) Option { return func(o *options) { o.geoIP = path } }

// QueryOption changes how one query runs.
type QueryOption func(*queryOptions)

type queryOptions struct {
	params    map[string]any
	noPruning bool
	asOf      *asOf
}

// NoPruning reads all rows of the tables that a query names, whatever their
// indexes say: the answer is the same, and takes longer.
func NoPruning() QueryOption { return func(o *queryOptions) { o.noPruning = true } }

// Param gives a value to a query parameter, which the query declares with
// declare query_parameters(name:type). The value is a bool, int, int64,
// float64, string, time.Time, time.Duration, or nil; text is converted to the
// declared type.
func Param(name string, value any) QueryOption {
	return func(o *queryOptions) {
		if o.params == nil {
			o.params = map[string]any{}
		}
		o.params[name] = value
	}
}

func (o queryOptions) bound() (map[string]op.Param, error) {
	out := make(map[string]op.Param, len(o.params))
	for name, v := range o.params {
		p, err := boundParam(v)
		if err != nil {
			return nil, &ParamError{Name: name, Value: v}
		}
		out[name] = p
	}
	return out, nil
}

func boundParam(v any) (op.Param, error) {
	switch v := v.(type) {
	case nil:
		return op.Param{Type: table.String}, nil
	case bool:
		return op.Param{Type: table.Bool, Value: v}, nil
	case int:
		return op.Param{Type: table.Long, Value: int64(v)}, nil
	case int64:
		return op.Param{Type: table.Long, Value: v}, nil
	case float64:
		return op.Param{Type: table.Real, Value: v}, nil
	case string:
		return op.Param{Type: table.String, Value: v}, nil
	case time.Time:
		return op.Param{Type: table.Datetime, Value: int64(table.FromGo(v))}, nil
	case time.Duration:
		return op.Param{Type: table.Timespan, Value: int64(table.FromGoDuration(v))}, nil
	}
	return op.Param{}, &ParamError{}
}

// IngestOptions say how to load; the zero value detects the format and takes
// the table from the records.
type IngestOptions = ingest.Options

// Mapping says how records of a format that Tidemark does not know become rows,
// for IngestOptions.Mapping.
type Mapping = ingest.Mapping

// ReadMapping reads a mapping from YAML; name is that of the file, for
// messages. docs/formats.md says what may be in it.
func ReadMapping(name, text string) (*Mapping, error) { return ingest.ReadMapping(name, text) }

// IngestStats count what a load did.
type IngestStats = ingest.Stats

// FollowSource is a set of files that are followed in one way.
type FollowSource = ingest.FollowSource

// FollowOptions say how files are followed.
type FollowOptions = ingest.FollowOptions
