package ingest

import "tidemark/table"

// What is known of what has been stored (positions, ids, lists) is true as long
// as the rows are there. When a table is dropped or emptied its epoch changes,
// and what was stored before may be stored again.

// epochs are the epochs of tables as a batch found them. The batch is refused
// where one has changed by the time it is committed.
type epochs struct {
	dst  Destination
	have map[string]uint64
}

func newEpochs(dst Destination) *epochs { return &epochs{dst: dst, have: map[string]uint64{}} }

// of returns the epoch of a table that rows are for.
func (e *epochs) of(name string) uint64 {
	if v, ok := e.have[name]; ok {
		return v
	}
	v, ok := e.dst.Epoch(name)
	if !ok {
		e.dst.Schema(name) // makes a built-in table
		v, ok = e.dst.Epoch(name)
	}
	if ok {
		e.have[name] = v
	}
	return v
}

// emptied returns the tables that the text before a position gave rows to and
// that have been dropped or emptied since.
func (l *Loader) emptied(at *position) map[string]bool {
	var out map[string]bool
	for name, was := range at.Epochs {
		if now, ok := l.dst.Epoch(name); ok && now == was {
			continue
		}
		if out == nil {
			out = map[string]bool{}
		}
		out[name] = true
	}
	return out
}

// again says up to where a text is loaded a second time, as tables that it gave
// rows to have been emptied. Other tables have their rows still.
type again struct {
	until   int64
	emptied map[string]bool
}

// passes reports whether the rows for a table are there still that a record at
// an offset gives.
func (a *again) passes(offset int64, name string) bool {
	return a != nil && offset < a.until && !a.emptied[name] && name != table.IngestionFailures
}

// fed notes in the position which tables the rows of a batch were for.
func (p *position) fed(e *epochs, tables []string) {
	next := make(map[string]uint64, len(p.Epochs)+len(tables))
	for name, epoch := range p.Epochs {
		next[name] = epoch
	}
	for _, name := range tables {
		next[name] = e.of(name)
	}
	p.Epochs = next
}

// fed returns the tables that rows and lists of w are for.
func (w *writer) fed() []string {
	var names []string
	for _, r := range w.tables {
		if r.n+r.skipped > 0 && !table.Internal(r.table) {
			names = append(names, r.table)
		}
	}
	if len(w.lists) > 0 {
		names = append(names, w.changes())
	}
	return names
}
