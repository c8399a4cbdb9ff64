package command

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"tidemark/storage"
	"tidemark/table"
)

// Library is what a database keeps beside its rows: functions, and what is
// said about tables. It is two marks of the store, each a JSON text with a
// version, read when first needed.
type Library struct {
	mu        sync.Mutex
	loaded    bool
	functions map[string]*table.Function
	tables    map[string]Properties
}

// Properties are what is kept about a table beside its schema.
type Properties struct {
	Doc       string     `json:"doc,omitempty"`
	Folder    string     `json:"folder,omitempty"`
	Retention *Retention `json:"retention,omitempty"`
}

// Retention says how long rows are wanted. Its JSON is Kusto's policy object.
type Retention struct {
	SoftDeletePeriod string
	Recoverability   string
}

const (
	functionsMark  = "functions"
	tablesMark     = "tables"
	libraryVersion = 1
)

type functionsRecord struct {
	Version   int              `json:"version"`
	Functions []functionRecord `json:"functions"`
}

type functionRecord struct {
	Name   string `json:"name"`
	Params string `json:"params"`
	Body   string `json:"body"`
	Folder string `json:"folder,omitempty"`
	Doc    string `json:"doc,omitempty"`
	View   bool   `json:"view,omitempty"`
}

type tablesRecord struct {
	Version int                   `json:"version"`
	Tables  map[string]Properties `json:"tables"`
}

// load reads the marks where that has not been done. s is nil where there is
// no database.
func (l *Library) load(s *storage.Store) error {
	if l.loaded || s == nil {
		return nil
	}
	f := functionsRecord{Version: libraryVersion}
	t := tablesRecord{Version: libraryVersion}
	if err := readMark(s, functionsMark, &f); err != nil {
		return err
	}
	if err := readMark(s, tablesMark, &t); err != nil {
		return err
	}
	if f.Version != libraryVersion || t.Version != libraryVersion {
		return fmt.Errorf("%w: functions are of version %d, properties of tables of %d", storage.ErrVersion, f.Version, t.Version)
	}
	l.functions, l.tables, l.loaded = map[string]*table.Function{}, t.Tables, true
	for _, r := range f.Functions {
		l.functions[r.Name] = &table.Function{Name: r.Name, Params: r.Params, Body: r.Body, Folder: r.Folder, Doc: r.Doc, View: r.View}
	}
	return nil
}

func readMark(s *storage.Store, name string, into any) error {
	b, err := s.Mark(name)
	if err != nil || b == nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return &storage.CorruptError{Detail: fmt.Sprintf("mark %q: %v", name, err)}
	}
	return nil
}

// Function returns the function named name, or nil.
func (l *Library) Function(s *storage.Store, name string) (*table.Function, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(s); err != nil {
		return nil, err
	}
	return l.functions[name], nil
}

// Functions returns the names of all functions, sorted.
func (l *Library) Functions(s *storage.Store) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(s); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(l.functions)), nil
}

// Properties returns what is kept about a table.
func (l *Library) Properties(s *storage.Store, name string) (Properties, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(s); err != nil {
		return Properties{}, err
	}
	return l.tables[name], nil
}

// changeFunctions stores what change makes of the functions.
func (l *Library) changeFunctions(ctx context.Context, s *storage.Store, change func(map[string]*table.Function) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(s); err != nil {
		return err
	}
	next := maps.Clone(l.functions)
	if err := change(next); err != nil {
		return err
	}
	r := functionsRecord{Version: libraryVersion, Functions: []functionRecord{}}
	for _, name := range slices.Sorted(maps.Keys(next)) {
		f := next[name]
		r.Functions = append(r.Functions, functionRecord{f.Name, f.Params, f.Body, f.Folder, f.Doc, f.View})
	}
	if err := writeMark(ctx, s, functionsMark, r); err != nil {
		return err
	}
	l.functions = next
	return nil
}

// changeProperties stores what change makes of a table's properties.
func (l *Library) changeProperties(ctx context.Context, s *storage.Store, name string, change func(*Properties)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.load(s); err != nil {
		return err
	}
	next := maps.Clone(l.tables)
	if next == nil {
		next = map[string]Properties{}
	}
	p := next[name]
	if change(&p); p == next[name] {
		return nil
	}
	next[name] = p
	if p == (Properties{}) {
		delete(next, name)
	}
	if err := writeMark(ctx, s, tablesMark, tablesRecord{Version: libraryVersion, Tables: next}); err != nil {
		return err
	}
	l.tables = next
	return nil
}

func writeMark(ctx context.Context, s *storage.Store, name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.Commit(ctx, &table.Batch{Marks: map[string][]byte{name: b}})
}
