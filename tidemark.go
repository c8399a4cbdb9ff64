package tidemark

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"tidemark/command"
	"tidemark/engine"
	"tidemark/engine/geoip"
	"tidemark/engine/op"
	"tidemark/engine/vec"
	"tidemark/ingest"
	"tidemark/parser"
	"tidemark/storage"
	"tidemark/table"
	"tidemark/window"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNotExist: there is no database in the directory.
	ErrNotExist = storage.ErrNotExist
	// ErrLocked: another process has the database open; the text says which.
	ErrLocked = storage.ErrLocked
	// ErrCorrupt: what is on disk is not what was written; the text says where.
	ErrCorrupt = storage.ErrCorrupt
	// ErrVersion: the database was made by a version of another format.
	ErrVersion = storage.ErrVersion
)

// ParamError says that a query parameter has a value of a Go type that KQL has
// no type for.
type ParamError struct {
	Name  string
	Value any
}

func (e *ParamError) Error() string {
	return fmt.Sprintf("parameter %s: a %T is not a value of KQL", e.Name, e.Value)
}

// DB is an open database. Its methods may be called from many goroutines.
type DB struct {
	dir     string
	scratch bool // made by Open(""), removed by Close
	opts    options
	budget  *op.Budget
	numbers *vec.Numberings
	parsed  *parser.Cache
	library command.Library
	geoIP   *geoip.DB // nil where none is named

	cached func(bytes int64) // told how much the store keeps in memory, where set

	mu     sync.Mutex
	store  *storage.Store // nil until opened
	keeper *retention     // nil where it is read only
	loads  *ingest.Loader // nil until the first load
	closed bool
}

// The numbers of strings that are kept from query to query may take this much
// memory, or this share of the machine's where that is more.
const (
	keptNumbers      = 192 << 20
	keptNumbersShare = 16
)

// Open opens the database in a directory, and makes it where there is none.
// With an empty dir it is a scratch database, removed when it is closed.
//
// One process at a time can have a database open for writing; another gets
// ErrLocked.
func Open(dir string, opts ...Option) (*DB, error) {
	db := &DB{dir: dir, parsed: parser.NewCache()}
	for _, o := range opts {
		o(&db.opts)
	}
	db.budget = op.NewBudget(db.opts.memory)
	db.numbers = vec.NewNumberings(max(keptNumbers, storage.MemoryOfMachine()/keptNumbersShare))
	db.boundMemory()
	if db.opts.now == nil {
		db.opts.now = time.Now
	}
	if db.opts.geoIP != "" {
		db.geoIP = geoip.File(db.opts.geoIP)
	}
	if dir == "" {
		scratch, err := os.MkdirTemp("", "tidemark-")
		if err != nil {
			return nil, fmt.Errorf("make a scratch database: %w", err)
		}
		db.dir, db.scratch = scratch, true
	}
	if db.opts.lazy {
		return db, nil
	}
	if _, err := db.open(); err != nil && !(db.opts.noCreate && errors.Is(err, ErrNotExist)) {
		return nil, err
	}
	return db, nil
}

// open returns the store. Where there is none and it may not be made, the
// error is ErrNotExist.
func (db *DB) open() (*storage.Store, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, storage.ErrClosed
	}
	if db.store != nil {
		return db.store, nil
	}
	o := storage.Options{Create: !db.opts.noCreate || db.scratch, ReadOnly: db.opts.readOnly, Now: db.opts.now, Cached: db.cached}
	s, err := storage.Open(db.dir, o)
	if errors.Is(err, storage.ErrUnclean) {
		if err = repair(db.dir, o); err == nil {
			s, err = storage.Open(db.dir, o)
		}
	}
	if err != nil {
		return nil, err
	}
	db.store = s
	if !db.opts.readOnly {
		db.keeper = db.startRetention(s)
	}
	return s, nil
}

// writable returns the store for writing.
func (db *DB) writable() (*storage.Store, error) {
	if db.opts.readOnly {
		return nil, storage.ErrReadOnly
	}
	return db.open()
}

// repair opens a database for writing and closes it: after a crash its logs
// must be replayed before it can be opened for reading.
func repair(dir string, o storage.Options) error {
	o.ReadOnly, o.Create = false, false
	s, err := storage.Open(dir, o)
	if err != nil {
		return err
	}
	return s.Close()
}

// Close ends the use of the database. What was acknowledged is on disk anyway.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	var err error
	if db.store != nil {
		db.keeper.end()
		err = db.store.Close()
	}
	err = errors.Join(err, db.geoIP.Close())
	if db.scratch {
		err = errors.Join(err, os.RemoveAll(db.dir))
	}
	return err
}

// catalog is the tables as one query sees them. It remembers why the store
// could not be opened, since looking up a name cannot fail.
type catalog struct {
	db  *DB
	err error
}

func (c *catalog) store() *storage.Store {
	if c.err != nil {
		return nil
	}
	s, err := c.db.open()
	if err != nil && !errors.Is(err, ErrNotExist) {
		c.err = err
	}
	return s
}

// Table finds a stored table, or a built-in one that is empty so far.
func (c *catalog) Table(name string) (table.Source, bool) {
	if s := c.store(); s != nil {
		if src, ok := s.Table(name); ok {
			return src, true
		}
	}
	if schema, ok := table.Builtin(name); ok {
		return table.NewMemory(name, schema), true
	}
	return nil, false
}

// Tables lists the stored tables and the built-in ones.
func (c *catalog) Tables() []string {
	names := slices.Clone(table.BuiltinNames())
	if s := c.store(); s != nil {
		names = append(names, s.Tables()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (db *DB) engineOptions() engine.Options {
	return engine.Options{Now: db.opts.now(), Threads: db.opts.threads, Budget: db.budget, Numbers: db.numbers, Parsed: db.parsed, GeoIP: db.geoIP}
}

// Query runs a query or a management command. What is wrong with its text
// comes back as parser.Errors, each with its place and a hint. The result must
// be closed.
func (db *DB) Query(ctx context.Context, text string, opts ...QueryOption) (*Result, error) {
	var q queryOptions
	for _, o := range opts {
		o(&q)
	}
	o := db.engineOptions()
	params, err := q.bound()
	if err != nil {
		return nil, err
	}
	o.Params, o.NoPruning = params, q.noPruning
	db.budget.ResetPeak()
	c := &catalog{db: db}
	seen := table.Catalog(c)
	var past *window.Catalog
	if q.asOf != nil {
		past = window.NewCatalog(c, q.asOf.view, q.asOf.cache)
		seen, o.Now = past, q.asOf.now
	}
	r, err := db.run(ctx, text, c, seen, o)
	if c.err != nil {
		if r != nil {
			r.Close()
		}
		return nil, c.err
	}
	if err != nil {
		return nil, err
	}
	res := &Result{Result: r}
	if past != nil {
		res.read = past.Read()
	}
	return res, nil
}

// Check parses a query and, unless syntaxOnly, resolves its names and types,
// without running it. The error says that the database could not be opened.
func (db *DB) Check(text string, syntaxOnly bool, opts ...QueryOption) (*Checked, error) {
	var q queryOptions
	for _, o := range opts {
		o(&q)
	}
	o := db.engineOptions()
	params, err := q.bound()
	if err != nil {
		return nil, err
	}
	o.Params = params
	if command.Is(text) {
		return checkCommand(text), nil
	}
	c := &catalog{db: db}
	out := engine.Check(text, c, o, syntaxOnly)
	return out, c.err
}

// Explain returns the plan of a query as text.
func (db *DB) Explain(text string) (string, error) {
	c := &catalog{db: db}
	plan, err := engine.Explain(text, c, db.engineOptions())
	if c.err != nil {
		return "", c.err
	}
	return plan, err
}

// TableInfo is what is known about a table without reading its rows.
type TableInfo struct {
	Name             string
	Rows             int64
	Extents          int
	Bytes            int64      // as stored
	MinTime, MaxTime table.Time // of TimeGenerated; 0 where there is none
	Builtin          bool
}

// Tables lists the tables, built-in ones included.
func (db *DB) Tables() ([]TableInfo, error) {
	c := &catalog{db: db}
	var out []TableInfo
	for _, name := range c.Tables() {
		info := TableInfo{Name: name}
		_, info.Builtin = table.Builtin(name)
		if s := c.store(); s != nil && slices.Contains(s.Tables(), name) {
			st, err := s.Stats(name)
			if err != nil {
				return nil, err
			}
			info.Rows, info.Extents, info.Bytes, info.MinTime, info.MaxTime = st.Rows, st.Extents, st.Bytes, st.MinTime, st.MaxTime
		}
		out = append(out, info)
	}
	return out, c.err
}

// Schema returns the columns of a table, hidden ones included.
func (db *DB) Schema(name string) (*table.Schema, error) {
	c := &catalog{db: db}
	src, ok := c.Table(name)
	if c.err != nil {
		return nil, c.err
	}
	if !ok {
		return nil, fmt.Errorf("%w: %s", storage.ErrNoTable, name)
	}
	return src.Schema(), nil
}

// CreateTable makes a table of the program's own. A built-in name may be used
// before its table is first written to.
func (db *DB) CreateTable(name string, schema *table.Schema) error {
	s, err := db.writable()
	if err != nil {
		return err
	}
	return s.CreateTable(name, schema)
}

// Ingest loads what an agent put out. It returns when all that could be read
// is on disk; records that could not are counted and described in the stats.
func (db *DB) Ingest(ctx context.Context, r io.Reader, o IngestOptions) (IngestStats, error) {
	s, err := db.writable()
	if err != nil {
		return IngestStats{}, err
	}
	if o.Now == nil {
		o.Now = db.opts.now
	}
	if o.Transformer == nil {
		o.Transformer = transformer{db}
	}
	return db.loader(s).Load(ctx, r, o)
}

// IngestFile loads a file from where the last load of its text ended, so that
// nothing is stored twice: whether it has been loaded before, has grown, or was
// renamed, copied or packed. IngestStats.Before tells what was loaded already.
func (db *DB) IngestFile(ctx context.Context, path string, o IngestOptions) (IngestStats, error) {
	s, err := db.writable()
	if err != nil {
		return IngestStats{}, err
	}
	if o.Now == nil {
		o.Now = db.opts.now
	}
	if o.Transformer == nil {
		o.Transformer = transformer{db}
	}
	return db.loader(s).LoadFile(ctx, path, o)
}

// Follow loads what files hold and what is added to them, until ctx ends; see
// ingest.Loader.Follow. It returns an error only when the database cannot be
// written any more.
func (db *DB) Follow(ctx context.Context, sources []FollowSource, o FollowOptions) (IngestStats, error) {
	s, err := db.writable()
	if err != nil {
		return IngestStats{}, err
	}
	sources = slices.Clone(sources)
	for i := range sources {
		if so := &sources[i].Options; so.Now == nil {
			so.Now = db.opts.now
		}
		if sources[i].Options.Transformer == nil {
			sources[i].Options.Transformer = transformer{db}
		}
	}
	if o.Fatal == nil {
		o.Fatal = func(err error) bool {
			return errors.Is(err, storage.ErrFailed) || errors.Is(err, storage.ErrClosed) || errors.Is(err, storage.ErrCorrupt)
		}
	}
	return db.loader(s).Follow(ctx, sources, o)
}

// loader is what all loads into the database share.
func (db *DB) loader(s *storage.Store) *ingest.Loader {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.loads == nil {
		db.loads = ingest.NewLoader(&destination{Store: s})
	}
	return db.loads
}

// destination makes built-in tables when they are first written to.
type destination struct{ *storage.Store }

func (d *destination) Schema(name string) (*table.Schema, bool) {
	if src, ok := d.Store.Table(name); ok {
		return src.Schema(), true
	}
	schema, ok := table.Builtin(name)
	if !ok {
		return nil, false
	}
	if err := d.Store.CreateTable(name, schema); err != nil && !errors.Is(err, storage.ErrTableExists) {
		return nil, false
	}
	return schema, true
}

// Append commits records of a table: all of them or none. Fields are columns
// by name in the layout of table.Type.Arrow.
func (db *DB) Append(ctx context.Context, b *table.Batch) error {
	s, err := db.writable()
	if err != nil {
		return err
	}
	d := &destination{Store: s}
	for _, p := range b.Parts {
		if _, ok := d.Schema(p.Table); !ok {
			return fmt.Errorf("%w: %s", storage.ErrNoTable, p.Table)
		}
	}
	return s.Commit(ctx, b)
}

// VerifySummary counts what Verify read.
type VerifySummary = storage.Summary

// Verify reads everything and reports what is not as it was written.
func (db *DB) Verify(ctx context.Context, report func(problem error)) (VerifySummary, error) {
	s, err := db.open()
	if err != nil {
		return VerifySummary{}, err
	}
	return s.Verify(ctx, func(p storage.Problem) { report(p.Err) })
}
