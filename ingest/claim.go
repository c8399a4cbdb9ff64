package ingest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"tidemark/table"
)

// Loader loads into one database. Its loads may run at the same time, into the
// same tables and from the same inputs: what each stores, the others know. A
// database must have one Loader only.
type Loader struct {
	dst Destination

	mu     sync.Mutex
	seen   *seen
	claims []*claim                 // of batches under way, oldest first
	texts  map[*place]chan struct{} // that files are being loaded from
	recent []recent                 // texts that have been followed
}

// NewLoader returns a loader for a database.
func NewLoader(dst Destination) *Loader {
	return &Loader{dst: dst, seen: newSeen(dst), texts: map[*place]chan struct{}{}}
}

// claim is what a batch on its way to the database has taken for itself: the
// lists it changes and the EventIds it stores. Another batch that wants one of
// them waits until the claim is settled; only then is it certain whether they
// are stored.
//
// A batch holds lists while it claims ids, but no ids while it waits for
// anything, so that no two wait for each other.
type claim struct {
	lists  []string // and other marks that are read and written
	epochs *epochs
	lane   int // of the marks for its ids; -1 until it has claimed them
	days   map[*day]*claimed
	done   chan struct{} // closed when the claim is settled
}

// claimed are the ids of one day in a claim.
type claimed struct {
	key    dayKey
	ids    []uint64
	set    hashSet // of ids, made when another batch asks
	before lane    // the lane as it was
}

// has reports whether the ids of the day in this claim have id.
func (c *claim) has(d *day, id uint64) bool {
	p := c.days[d]
	if p == nil {
		return false
	}
	if p.set.n == 0 {
		for _, id := range p.ids {
			p.set.add(id)
		}
	}
	return p.set.has(id)
}

// begin makes a claim to lists, by the names of their marks.
func (l *Loader) begin(ctx context.Context, lists []string) (*claim, error) {
	c := &claim{lists: lists, lane: -1, done: make(chan struct{})}
	return c, l.until(ctx, func() (*claim, error) {
		for _, o := range l.claims {
			if slices.ContainsFunc(lists, func(key string) bool { return slices.Contains(o.lists, key) }) {
				return o, nil
			}
		}
		l.claims = append(l.claims, c)
		return nil, nil
	})
}

// until calls try, under the lock, until it succeeds. Each time it waits for
// the claim that stands in the way.
func (l *Loader) until(ctx context.Context, try func() (*claim, error)) error {
	for {
		l.mu.Lock()
		other, err := try()
		l.mu.Unlock()
		if err != nil || other == nil {
			return err
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// claim claims the EventIds of rows that are not stored yet, drops the other
// rows, and adds the marks that say so. It returns how many rows it dropped.
func (l *Loader) claim(ctx context.Context, c *claim, tables []*rows, marks map[string][]byte) (dropped int, err error) {
	keep := make([][]int, len(tables))
	err = l.until(ctx, func() (*claim, error) {
		if c.lane = l.lane(); c.lane < 0 {
			return l.oldest(), nil
		}
		c.days = map[*day]*claimed{}
		for i, r := range tables {
			var other *claim
			var err error
			if keep[i], other, err = l.filter(c, r); err != nil || other != nil {
				l.giveBack(c)
				c.lane = -1
				return other, err
			}
		}
		l.seen.mark(c, marks)
		return nil, nil
	})
	if err != nil {
		return 0, err
	}
	for i, r := range tables {
		if keep[i] != nil {
			dropped += r.n - len(keep[i])
			r.keep(keep[i])
		}
	}
	return dropped, nil
}

// lane returns the first lane that no batch under way has, or -1.
func (l *Loader) lane() int {
	for n := range maxLanes {
		if !slices.ContainsFunc(l.claims, func(o *claim) bool { return o.lane == n }) {
			return n
		}
	}
	return -1
}

// oldest returns the first claim that has a lane.
func (l *Loader) oldest() *claim {
	return l.claims[slices.IndexFunc(l.claims, func(o *claim) bool { return o.lane >= 0 })]
}

// filter claims the ids of the rows of one table. It returns the rows to keep,
// nil for all, or the claim that has one of the ids.
func (l *Loader) filter(c *claim, r *rows) (keep []int, other *claim, err error) {
	var d *day
	var mine *claimed
	var last dayKey
	epoch := c.epochs.of(r.table)
	for row, id := range r.ids {
		stored := false
		switch {
		case r.window > 0 && r.content[row] != 0:
			if stored, other, err = l.repeated(c, r, row, epoch); err != nil || other != nil {
				return nil, other, err
			}
		case id != 0:
			if key := (dayKey{table: r.table, epoch: epoch, day: r.day(row)}); d == nil || key != last {
				if d, err = l.seen.day(key); err != nil {
					return nil, nil, err
				}
				last, mine = key, c.on(key, d)
			}
			if stored = !d.set.add(id); !stored {
				mine.ids = append(mine.ids, id)
			} else if other := l.claimant(c, d, id); other != nil {
				return nil, other, nil
			}
		}
		switch {
		case stored && keep == nil:
			keep = make([]int, row, len(r.ids))
			for i := range keep {
				keep[i] = i
			}
		case !stored && keep != nil:
			keep = append(keep, row)
		}
	}
	return keep, nil, nil
}

// on returns the part of the claim that is about a day.
func (c *claim) on(key dayKey, d *day) *claimed {
	p := c.days[d]
	if p == nil {
		p = &claimed{key: key, before: d.lanes[c.lane]}
		c.days[d] = p
		d.pins++
	}
	return p
}

// claimant returns the batch under way, other than c, that has claimed id.
func (l *Loader) claimant(c *claim, d *day, id uint64) *claim {
	for _, o := range l.claims {
		if o != c && o.has(d, id) {
			return o
		}
	}
	return nil
}

// giveBack takes the ids of a claim out of what is known: they have not been
// stored.
func (l *Loader) giveBack(c *claim) {
	for d, p := range c.days {
		for _, id := range p.ids {
			d.set.remove(id)
		}
		d.lanes[c.lane] = p.before
		d.pins--
	}
	c.days = nil
}

// settle ends a claim. What was claimed is known from now on if the batch has
// been stored, and free if not.
func (l *Loader) settle(c *claim, stored bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if stored && c.lane >= 0 {
		for d, p := range c.days {
			d.pins--
			l.seen.had[c.lane] = l.seen.had[c.lane] || len(p.ids) > 0
		}
	} else {
		l.giveBack(c)
	}
	l.seen.forget()
	l.claims = slices.DeleteFunc(l.claims, func(o *claim) bool { return o == c })
	close(c.done)
}

// commit stores a batch with the rows of w that are not stored yet, and marks.
// It holds the lists of w and the marks named in keys while change adds to rows
// and marks. It returns what of it was stored, and how many rows were not.
func (l *Loader) commit(ctx context.Context, w *writer, keys []string, marks map[string][]byte, change func(marks map[string][]byte) error) (*table.Batch, int, error) {
	for _, n := range w.lists {
		keys = append(keys, n.mark())
	}
	c, err := l.begin(ctx, keys)
	if err != nil {
		return nil, 0, err
	}
	stored := false
	defer func() { l.settle(c, stored) }()
	w.epochs = newEpochs(l.dst)
	b := &table.Batch{Marks: marks, Epochs: w.epochs.have}
	if err := change(marks); err != nil {
		return nil, 0, err
	}
	c.epochs = w.epochs
	dropped, err := l.claim(ctx, c, w.tables, marks)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range w.tables {
		if r.n > 0 {
			b.Parts = append(b.Parts, table.Part{Table: r.table, Rows: r.record()})
		}
	}
	if len(b.Parts) == 0 && len(b.Marks) == 0 {
		return b, dropped, nil
	}
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	if err := l.dst.Commit(context.WithoutCancel(ctx), b); err != nil {
		return nil, 0, fmt.Errorf("store a batch: %w", err)
	}
	stored = true
	return b, dropped, nil
}
