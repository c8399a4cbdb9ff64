package ingest

import "sync"

// plans are the tables that a load has come across.
type plans struct {
	mu     sync.RWMutex
	dst    Destination
	byName map[string]*planned
}

func newPlans(dst Destination) *plans { return &plans{dst: dst, byName: map[string]*planned{}} }

type planned struct {
	plan *plan
	last *rows // of a batch before; only its sizes are read
}

// get returns the plan of a table, nil if there is no such table, and rows of
// a batch before.
func (p *plans) get(name string) (*plan, *rows) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := p.byName[name]; ok {
		return t.plan, t.last
	}
	s, ok := p.dst.Schema(name)
	if !ok || name == "" {
		return nil, nil
	}
	t := &planned{plan: newPlan(name, s)}
	p.byName[name] = t
	return t.plan, nil
}

func (p *plans) has(name string) bool {
	p.mu.RLock()
	_, ok := p.byName[name]
	p.mu.RUnlock()
	if !ok {
		plan, _ := p.get(name)
		ok = plan != nil
	}
	return ok
}

// like keeps the sizes of a batch for the batches to come.
func (p *plans) like(r *rows) {
	sizes := &rows{cols: make([]column, len(r.cols))}
	for i := range r.cols {
		sizes.cols[i] = column{used: r.cols[i].used, hint: len(r.cols[i].data), n: r.cols[i].n}
	}
	p.mu.Lock()
	p.byName[r.table].last = sizes
	p.mu.Unlock()
}
