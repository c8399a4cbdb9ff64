package op

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// aggregation is one aggregation of a summarize, bound.
type aggregation struct {
	name string // for plans
	args []expr.Expr
	cols []table.Column
	make func() agg.State
}

// aggregate groups rows by keys and computes aggregations: summarize, count,
// and, without aggregations, distinct. Its columns are the keys, then those of
// the aggregations in order.
type aggregate struct {
	in   Node
	keys []expr.Expr
	cols []table.Column // of the keys
	aggs []aggregation
	// blank are the columns that nobody reads: they may be null in the rows.
	blank []bool
}

func (a *aggregate) Columns() []table.Column {
	out := append([]table.Column(nil), a.cols...)
	for _, x := range a.aggs {
		out = append(out, x.cols...)
	}
	return out
}

func (a *aggregate) Inputs() []Node { return []Node{a.in} }

func (a *aggregate) WithInputs(in []Node) Node {
	out := *a
	out.in = in[0]
	return &out
}

// Prune drops aggregations that are not needed; keys decide the rows and stay.
func (a *aggregate) Prune(need []bool) Node {
	out := &aggregate{cols: a.cols}
	used := make([]bool, len(a.in.Columns()))
	left := slices.Clone(need[:len(a.cols)])
	at := len(a.cols)
	var aggs []aggregation
	for _, x := range a.aggs {
		mine := need[at : at+len(x.cols)]
		at += len(x.cols)
		if !allFalse(mine) {
			aggs = append(aggs, x)
			left = append(left, mine...)
		}
	}
	for _, k := range a.keys {
		expr.Columns(k, used)
	}
	for _, x := range aggs {
		for _, e := range x.args {
			expr.Columns(e, used)
		}
	}
	to := renumber(used)
	for _, k := range a.keys {
		out.keys = append(out.keys, expr.Remap(k, to))
	}
	for _, x := range aggs {
		args := make([]expr.Expr, len(x.args))
		for i, e := range x.args {
			args[i] = expr.Remap(e, to)
		}
		x.args = args
		out.aggs = append(out.aggs, x)
	}
	for _, ok := range left {
		out.blank = append(out.blank, !ok)
	}
	out.in = a.in.Prune(used)
	return narrow(out, left)
}

func allFalse(v []bool) bool {
	for _, x := range v {
		if x {
			return false
		}
	}
	return true
}

func (a *aggregate) String() string {
	parts := make([]string, len(a.aggs))
	for i, x := range a.aggs {
		args := make([]string, len(x.args))
		for j, e := range x.args {
			args[j] = e.String()
		}
		parts[i] = x.name + "(" + strings.Join(args, ", ") + ")"
	}
	keys := make([]string, len(a.keys))
	for i, k := range a.keys {
		keys[i] = a.cols[i].Name
		if t := k.String(); t != keys[i] {
			keys[i] += " = " + t
		}
	}
	if len(a.aggs) == 0 {
		return "distinct " + strings.Join(keys, ", ")
	}
	text := "summarize " + strings.Join(parts, ", ")
	if len(keys) > 0 {
		text += " by " + strings.Join(keys, ", ")
	}
	return text
}

func (a *aggregate) Open(ctx context.Context, env *Env) (Stream, error) {
	s, err := a.OpenN(ctx, env, 1)
	if err != nil {
		return nil, err
	}
	return s[0], nil
}

// OpenN gives n streams that share the making of rows.
func (a *aggregate) OpenN(ctx context.Context, env *Env, n int) ([]Stream, error) {
	if of, find := a.picks(); find != nil {
		return of.openPicked(ctx, env, find, n)
	}
	s, err := a.openGroups(ctx, env)
	if err != nil {
		return nil, err
	}
	if n == 1 {
		return []Stream{s}, nil
	}
	shared := &sharedGroups{of: s, open: n}
	out := make([]Stream, n)
	for i := range out {
		out[i] = &groupStream{shared: shared}
	}
	return out, nil
}

func (a *aggregate) openGroups(ctx context.Context, env *Env) (*aggregateStream, error) {
	a = a.throughPicked()
	var held []*reservation
	if j, ok := a.in.(*joined); ok {
		p, r, other, err := j.lookupJoin(ctx, env)
		switch {
		case err != nil:
			return nil, err
		case p != nil:
			a, held = a.through(p), append(held, r)
		default:
			a = a.WithInputs([]Node{other}).(*aggregate)
		}
	}
	in, err := a.openInput(ctx, env)
	if err != nil {
		for _, r := range held {
			r.release()
		}
		return nil, err
	}
	return &aggregateStream{node: a, env: env, in: in, held: held}, nil
}

type aggregateStream struct {
	node *aggregate
	env  *Env
	in   []Stream
	held []*reservation
	out  []*vec.Batch
	// final are the groups that rows are made of, rest those that were too many.
	final *resultGroups
	rest  *spilledGroups
	done  bool
	err   error
	// places has the blocks where states ask for the places of rows.
	places *keptPlaces
}

// forget gives back what the groups hold.
func (s *aggregateStream) forget() {
	if s.rest != nil {
		s.rest.close()
	}
	for _, r := range s.held {
		r.release()
	}
	s.held, s.rest, s.final, s.out = nil, nil, nil, nil
}

func (s *aggregateStream) Close() error {
	s.forget()
	var first error
	for _, in := range s.in {
		if err := in.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

func (s *aggregateStream) Next(ctx context.Context) (*vec.Batch, error) {
	rows, err := s.next(ctx)
	if err != nil {
		return nil, err
	}
	return rows(), nil
}

// next gives the next rows, to be made by whoever asked.
func (s *aggregateStream) next(ctx context.Context) (func() *vec.Batch, error) {
	if !s.done {
		s.done = true
		s.err = s.run(ctx)
	}
	if s.err != nil {
		return nil, s.err
	}
	if s.final != nil {
		if rows := s.final.next(); rows != nil {
			return rows, nil
		}
		s.forget() // whoever comes after has what he needs
	}
	if len(s.out) == 0 && s.rest != nil {
		var more []*vec.Batch
		if more, s.err = s.rest.next(ctx); s.err != nil {
			return nil, s.err
		}
		for _, b := range more {
			s.give(b)
		}
	}
	if len(s.out) == 0 {
		return nil, io.EOF
	}
	b := s.out[0]
	s.out = s.out[1:]
	return func() *vec.Batch { return b }, nil
}

// run aggregates each input apart, then merges into the first.
func (s *aggregateStream) run(ctx context.Context) error {
	parts := make([]*groups, len(s.in))
	blocks := s.node.blockInput(s.in[0], s.places)
	for i := range parts {
		r := s.node.reserve(s.env)
		s.held = append(s.held, r)
		parts[i] = newGroups(s.node, s.env, r)
		if blocks != nil {
			blocks.number(parts[i])
		}
	}
	if err := each(len(parts), func(i int) error { return parts[i].consume(ctx, s.in[i], blocks) }); err != nil {
		return s.spilled(ctx, parts, err)
	}
	if waiting(parts) {
		return s.markWaiting(ctx, parts)
	}
	all, err := mergeGroups(ctx, parts)
	if err != nil || all == nil {
		return s.spilled(ctx, parts, err)
	}
	s.final = newResultGroups(all, len(s.node.keys) == 0)
	return nil
}

// reserve makes the reservation of a worker. Without keys there is but one
// group, which is of no use in a file.
func (a *aggregate) reserve(env *Env) *reservation {
	name := "summarize"
	if len(a.aggs) == 0 {
		name = "distinct"
	}
	if len(a.keys) == 0 {
		return env.Budget.reserve(name)
	}
	return env.Budget.reserveSome(name)
}

// mergeGroups merges into the first; nil where they do not fit into memory.
func mergeGroups(ctx context.Context, parts []*groups) (*groups, error) {
	for _, p := range parts {
		if p.out != nil {
			return nil, nil
		}
	}
	all := parts[0]
	for _, p := range parts[1:] {
		all.merge(p)
		p.reset()
		p.held.force(0)
		if err := all.fit(ctx); err != nil || all.out != nil {
			return nil, err
		}
	}
	return all, nil
}

// spilled goes on with what is in files, where there is no error.
func (s *aggregateStream) spilled(ctx context.Context, parts []*groups, err error) error {
	var files []*groupParts
	for _, p := range parts {
		if err == nil && (p.by.Len() > 0 || p.wait != nil) {
			err = p.spill(ctx)
		}
		if p.out != nil {
			files = append(files, p.out)
		}
	}
	for _, r := range s.held {
		r.release()
	}
	s.held = nil
	s.rest = newSpilledGroups(s.node, s.env, files)
	return err
}

// give hands out a batch, cut into pieces.
func (s *aggregateStream) give(b *vec.Batch) {
	for from, to := range vec.Runs(b.N, 65536) {
		s.out = append(s.out, b.Slice(from, to))
	}
}

// each runs f for 0…n-1 at once and returns the first error.
func each(n int, f func(i int) error) error {
	if n == 1 {
		return f(0)
	}
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs[i] = Guard(func() error { return f(i) })
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// groups is the state of one worker.
type groups struct {
	node   *aggregate
	keys   []expr.Expr
	args   [][]expr.Expr
	by     *vec.Grouper
	states []agg.State
	env    *Env
	held   *reservation
	extra  int64       // memory of what is not in the groups yet
	out    *groupParts // where groups went that did not fit
	rows   int         // of blocks, so far
	wait   *agg.PairRows
}

func newGroups(a *aggregate, env *Env, held *reservation) *groups {
	g := &groups{node: a, env: env, keys: clones(a.keys), by: vec.NewGrouper(Types(a.cols)), held: held}
	for _, x := range a.aggs {
		g.args = append(g.args, clones(x.args))
		state := x.make()
		if s, ok := state.(agg.Shared); ok {
			s.Share(env.Threads)
		}
		g.states = append(g.states, state)
	}
	return g
}

func (g *groups) consume(ctx context.Context, in Stream, blocks *blockInput) error {
	if c := g.byCode(in); c != nil {
		return c.consume(ctx)
	}
	if blocks != nil {
		return g.consumeBlocks(ctx, blocks.clone(in))
	}
	for {
		b, err := in.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if b.N > 0 {
			g.add(b)
			if err := g.fit(ctx); err != nil {
				return err
			}
		}
	}
}

func (g *groups) add(b *vec.Batch) {
	keys := make([]vec.Column, len(g.keys))
	for i, k := range g.keys {
		keys[i] = k.Eval(b)
	}
	ids := g.by.IDs(keys, b.N)
	for i, s := range g.states {
		args := make([]vec.Column, len(g.args[i]))
		for j, e := range g.args[i] {
			args[j] = e.Eval(b)
		}
		s.Grow(g.by.Len())
		s.Add(ids, args, b.N)
	}
}

// size is the memory held, and that of the results to come.
func (g *groups) size() int64 {
	n := g.extra + g.by.Size() + 8*int64(g.by.Len()*len(g.keys))
	for _, s := range g.states {
		n += s.Size()
	}
	if g.wait != nil {
		n += g.wait.Size()
	}
	return n
}

func (g *groups) merge(o *groups) {
	to := g.by.Merge(o.by)
	for i, s := range g.states {
		s.Grow(g.by.Len())
		s.Merge(o.states[i], to)
	}
}

// results gives a row a group; without keys there is one even over no rows.
func (g *groups) results(single bool) *vec.Batch {
	r := newResultGroups(g, single)
	return r.of(0, r.n)
}
