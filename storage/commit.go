package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"tidemark/table"
)

// write is something for the committer to do: commit a batch, or run a
// function that changes tables.
type write struct {
	batch *prepared
	do    func() error
	done  chan error // holds one
}

// Commit stores a batch. See table.Appender. A batch that is refused (unknown
// table or column, wrong layout, disk too full) leaves no trace and does not
// keep later ones from being committed; after any other error the store
// refuses to write until it is opened again.
func (s *Store) Commit(ctx context.Context, b *table.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.writable(); err != nil {
		return err
	}
	p, err := s.prepare(ctx, b)
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if err := s.waitForSealer(ctx, p); err != nil {
		p.abandon(s)
		return err
	}
	if err := s.send(ctx, &write{batch: p}); err != nil {
		p.abandon(s)
		return fmt.Errorf("commit: %w", err)
	}
	for _, pp := range p.parts {
		if v := pp.t.current.Load(); len(pp.extents) > 0 || v.tailRows >= s.opts.SealRows || v.tailBytes >= sealBytes || len(v.tail) > foldEntries {
			s.poke()
			break
		}
	}
	return nil
}

// send gives a write to the committer and waits until it is done. Once taken
// up it is waited for even if ctx ends, so that the answer is never in doubt.
func (s *Store) send(ctx context.Context, w *write) error {
	if s.opts.ReadOnly {
		return ErrReadOnly
	}
	w.done = make(chan error, 1)
	select {
	case s.writes <- w:
		return <-w.done
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return ErrClosed
	}
}

// alone runs f in the committer, between commits.
func (s *Store) alone(ctx context.Context, f func() error) error {
	return s.send(ctx, &write{do: f})
}

// committer is the one goroutine that publishes. Batches that wait while one
// transaction is synced go into the next one together.
func (s *Store) committer() {
	defer s.workers.Done()
	for {
		var w *write
		select {
		case w = <-s.writes:
		case <-s.closed:
			return
		}
		for w != nil {
			if w.batch == nil {
				w.done <- w.do()
				w = nil
				continue
			}
			group := []*write{w}
			size := w.batch.size
			alone := len(w.batch.clear) > 0 // lest it change what others have been checked for
			w = nil
		more:
			for size < groupInline && !alone {
				select {
				case n := <-s.writes:
					if n.batch == nil || len(n.batch.clear) > 0 || size+n.batch.size > groupInline {
						w = n // next
						break more
					}
					group = append(group, n)
					size += n.batch.size
				default:
					break more
				}
			}
			s.commitGroup(group)
		}
	}
}

// commitGroup commits batches in one transaction and answers those who wait.
func (s *Store) commitGroup(group []*write) {
	if err := s.writable(); err != nil {
		for _, w := range group {
			w.done <- err
		}
		return
	}
	tx := s.begin()
	var took []*write
	for _, w := range group {
		if err := tx.ready(w.batch); err != nil {
			w.done <- err
			continue
		}
		took = append(took, w)
	}
	if len(took) == 0 {
		tx.txn.Discard()
		return
	}
	var err error
	for _, w := range took {
		if err = tx.batch(w.batch); err != nil {
			break
		}
	}
	if err == nil {
		err = tx.commit()
	} else {
		tx.txn.Discard()
		err = s.fail(err)
	}
	for _, w := range took {
		w.done <- err
	}
}

// publish is a transaction of the committer: it collects what tables will
// hold and shows it when it has been committed.
type publish struct {
	s     *Store
	txn   *badger.Txn
	state state
	views map[*tbl]*view
	after []func()
}

func (s *Store) begin() *publish {
	p := &publish{s: s, txn: s.db.NewTransaction(true), state: s.state, views: map[*tbl]*view{}}
	// Ingestion time never goes back, whatever the clock does.
	p.state.ingest = max(p.state.ingest, int64(table.FromGo(s.opts.Now())))
	return p
}

// ready reports why a batch cannot be taken up.
func (p *publish) ready(b *prepared) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	for name, epoch := range b.epochs {
		if e, ok := p.s.Epoch(name); !ok || e != epoch {
			return fmt.Errorf("%w: %q", table.ErrCleared, name)
		}
	}
	tables := slices.Clone(b.clear)
	for _, pp := range b.parts {
		tables = append(tables, pp.t)
	}
	for _, t := range tables {
		if p.s.tableByID(t) == nil {
			return fmt.Errorf("%w: %q was dropped", ErrNoTable, t.def.Load().Name)
		}
		if _, err := t.view(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) tableByID(t *tbl) *tbl {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.tables[t.def.Load().Name] == t {
		return t
	}
	return nil
}

// view is what the table holds, as this transaction leaves it so far.
func (p *publish) view(t *tbl) *view {
	if v := p.views[t]; v != nil {
		return v
	}
	return t.current.Load()
}

// batch puts the rows and marks of a batch into the transaction.
func (p *publish) batch(b *prepared) error {
	for _, t := range b.clear {
		gs, err := p.empty(t, p.view(t))
		if err != nil {
			return err
		}
		d := *t.def.Load()
		d.Epoch = p.epoch()
		if err := p.define(&d); err != nil {
			return err
		}
		p.views[t] = &view{}
		p.after = append(p.after, func() {
			t.def.Store(&d)
			p.s.bury(gs...)
		})
	}
	for _, pp := range b.parts {
		if err := p.part(pp); err != nil {
			return err
		}
	}
	for name, v := range b.marks {
		var err error
		if v == nil {
			err = p.txn.Delete(markKey(name))
		} else {
			err = put(p.txn, markKey(name), v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// run gives the next rows their sequence numbers.
func (p *publish) run(rows int) []run {
	r := run{seq: p.state.nextSeq, rows: rows, ingest: p.state.ingest}
	p.state.nextSeq += uint64(rows)
	return []run{r}
}

func (p *publish) part(pp *preparedPart) error {
	for _, g := range pp.marks {
		if err := p.txn.Delete(garbageKey(g.prefix)); err != nil {
			return err
		}
	}
	for _, e := range pp.extents {
		e.runs = p.run(e.rows)
		if err := put(p.txn, manifestKey(pp.t.id, e.id), e.encode()); err != nil {
			return err
		}
	}
	if pp.entry == nil {
		p.views[pp.t] = p.view(pp.t).add(nil, pp.extents)
		return nil
	}
	pp.entry.runs = p.run(pp.rows)
	if err := p.entry(pp.t, pp.entry, pp.inline); err != nil {
		return err
	}
	p.views[pp.t] = p.view(pp.t).add([]*tailEntry{pp.entry}, nil)
	return nil
}

// entry puts a tail entry into the transaction: its header, and its rows
// unless they have been stored before (inline is nil then).
func (p *publish) entry(t *tbl, e *tailEntry, inline []byte) error {
	if e.id == 0 {
		e.id = p.s.lastID.Add(1)
	}
	if len(inline) > tailPieceSize {
		for i, b := 0, inline; len(b) > 0; i++ {
			n := min(tailPieceSize, len(b))
			k := tailDataKey(t.id, e.id, i)
			v := wrap(k, b[:n])
			if err := p.txn.Set(k, v); err != nil {
				return err
			}
			e.pieces = append(e.pieces, piece{size: n, sum: valueSum(v)})
			e.bytes += int64(len(v))
			b = b[n:]
		}
		inline = nil
	}
	header := e.encodeHeader(inline)
	e.bytes += int64(len(header)) + envelope
	return put(p.txn, tailKey(t.id, e.id), header)
}

// commit writes heads and state, commits, and shows the result.
func (p *publish) commit() error {
	for t, v := range p.views {
		if err := put(p.txn, headKey(t.id), v.head().encode()); err != nil {
			p.txn.Discard()
			return p.s.fail(err)
		}
	}
	p.state.lastID = p.s.lastID.Load()
	if err := put(p.txn, stateKey(), p.state.encode()); err != nil {
		p.txn.Discard()
		return p.s.fail(err)
	}
	if err := p.txn.Commit(); err != nil {
		return p.s.fail(err)
	}
	p.s.state = p.state
	for t, v := range p.views {
		t.current.Store(v)
	}
	for _, f := range p.after {
		f()
	}
	return nil
}

// waitForSealer holds back a batch whose tables have much more tail than is
// sealed at once, so that memory stays bounded.
func (s *Store) waitForSealer(ctx context.Context, p *prepared) error {
	for _, pp := range p.parts {
		for {
			progress := s.sealed.wait()
			v, err := pp.t.view()
			if err != nil {
				return err
			}
			if v.tailRows < s.opts.SealRows+s.opts.SealRows/2 && v.tailBytes < sealBytes+sealBytes/2 || s.sealErr.Load() != nil {
				break
			}
			s.poke()
			select {
			case <-progress:
			case <-ctx.Done():
				return ctx.Err()
			case <-s.closed:
				return ErrClosed
			}
		}
	}
	return nil
}

var _ table.Appender = (*Store)(nil)
var _ table.Catalog = (*Store)(nil)
