package op

import (
	"context"
	"fmt"
	"slices"

	"tidemark/engine/agg"
	"tidemark/engine/spill"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
)

// Groups that do not fit into memory go to a file, by the hash of their keys:
// each part of it has the states of some of the groups, as far as they came,
// as often as memory was full. Once all rows were seen the parts are read one
// after the other, and the states of each group merged. A part that is still
// too large is parted again, by other bits of the hash.

// fanOut is how many parts groups and rows are cut into.
const (
	fanOutBits = 5
	fanOut     = 1 << fanOutBits
	// maxLevel is how often parts are parted again: what is then still
	// together has the same key, or as good as that.
	maxLevel = 8
)

// partOf is which part a hash is in at a level.
func partOf(hash uint64, level int) uint8 {
	return uint8(hash >> (64 - fanOutBits*(level+1)) & (fanOut - 1))
}

// groupParts are groups in a file.
type groupParts struct {
	level  int
	file   *spill.File
	parts  [fanOut][]spill.Place
	encode vec.Encoder
}

func newGroupParts(env *Env, level int) (*groupParts, error) {
	f, err := env.Spill.Create()
	return &groupParts{level: level, file: f}, err
}

// fit sees to it that the groups fit into memory: where they do not, they go to
// the worker's file, and it begins anew.
func (g *groups) fit(ctx context.Context) error {
	need := g.size
	if len(g.keys) > 0 {
		need = g.room
	}
	if g.held.set(need()) == nil || g.by.Len() == 0 && g.wait == nil {
		return nil
	}
	if g.wait != nil {
		g.wait.Compact()
	}
	for _, s := range g.states {
		if s, ok := s.(agg.Settler); ok {
			s.Settle()
		}
	}
	err := g.held.set(need())
	switch {
	case err == nil:
		return nil
	case len(g.keys) == 0:
		return g.tooLarge(err)
	}
	return g.spill(ctx)
}

// room is what groups are taken to hold: tables grow by more than a little.
func (g *groups) room() int64 { return g.size() * 3 / 2 }

// spill moves all groups to the worker's file.
func (g *groups) spill(ctx context.Context) error {
	if g.out == nil {
		out, err := newGroupParts(g.env, 0)
		if err != nil {
			return err
		}
		g.out = out
	}
	if g.wait != nil {
		return g.spillWaiting(ctx)
	}
	return g.moveTo(ctx, g.out)
}

// moveTo writes all groups into parts, and forgets them.
func (g *groups) moveTo(ctx context.Context, out *groupParts) error {
	if err := g.writeTo(ctx, out); err != nil {
		return err
	}
	g.reset()
	g.held.force(0)
	return nil
}

// writeTo writes all groups into parts.
func (g *groups) writeTo(ctx context.Context, out *groupParts) error {
	n := g.by.Len()
	size := g.size()
	g.held.force(size)
	keys := g.by.Keys()
	hashes := make([]uint64, n)
	vec.Hash(keys, Types(g.node.cols), n, hashes)
	part := make([]uint8, n)
	for i, h := range hashes {
		part[i] = partOf(h, out.level)
	}
	frame := int(max(1, g.env.Budget.frame()*int64(n)/max(1, size)))
	for p, rows := range vec.ByPart(part, fanOut) {
		for some := range slices.Chunk(rows, frame) {
			if err := ctx.Err(); err != nil {
				return err
			}
			b := out.encode.AppendBatch(nil, (&vec.Batch{Cols: keys, N: n}).Gather(some))
			for _, s := range g.states {
				b = s.Encode(b, some)
			}
			place, err := out.file.Add(b)
			if err != nil {
				return err
			}
			out.parts[p] = append(out.parts[p], place)
		}
	}
	return nil
}

// reset forgets all groups.
func (g *groups) reset() {
	g.by = vec.NewGrouper(Types(g.node.cols)).Sparse()
	for i, x := range g.node.aggs {
		g.states[i] = x.make()
	}
}

// read merges a frame's groups into those here.
func (g *groups) read(ctx context.Context, file *spill.File, at spill.Place) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	frame, err := file.Read(at)
	if err != nil {
		return err
	}
	r := wire.NewReader(frame)
	keys := vec.ReadBatch(r)
	if r.Err() != nil {
		return r.Err()
	}
	to := slices.Clone(g.by.IDs(keys.Cols, keys.N))
	for i, s := range g.states {
		part := g.node.aggs[i].make()
		part.Grow(keys.N)
		part.Decode(r, keys.N)
		if r.Err() != nil {
			return r.Err()
		}
		s.Grow(g.by.Len())
		s.Merge(part, to)
	}
	return nil
}

// gather merges a part's groups, those of several files in their order. Where
// they are too many it returns them in parts of their own instead.
func (g *groups) gather(ctx context.Context, in []*groupParts, part int) (*groupParts, error) {
	var out *groupParts
	level := in[0].level
	for _, file := range in {
		for _, at := range file.parts[part] {
			if err := g.read(ctx, file.file, at); err != nil {
				return out, err
			}
			err := g.held.set(g.room())
			if err == nil {
				continue
			}
			if g.by.Len() == 1 || level+1 >= maxLevel {
				if err := g.held.setAll(g.size()); err != nil {
					return out, g.tooLarge(err)
				}
				continue
			}
			if out == nil {
				if out, err = newGroupParts(g.env, level+1); err != nil {
					return nil, err
				}
			}
			if err := g.moveTo(ctx, out); err != nil {
				return out, err
			}
		}
	}
	if out == nil {
		return nil, nil
	}
	return out, g.moveTo(ctx, out)
}

// tooLarge says which aggregation needs more than there is.
func (g *groups) tooLarge(err error) error {
	most, name := int64(-1), ""
	for i, s := range g.states {
		if n := s.Size(); n > most {
			most, name = n, g.node.aggs[i].name
		}
	}
	if e, ok := err.(*MemoryError); ok && name != "" {
		e.Operator = fmt.Sprintf("summarize: %s() of a single group", name)
	}
	return err
}

// spilledGroups gives the groups of files, part by part.
type spilledGroups struct {
	node  *aggregate
	env   *Env
	tasks []groupTask // the last one is next
	held  []*reservation
	files []*groupParts // all that were made, for close
}

// groupTask is a part that is to be read.
type groupTask struct {
	in   []*groupParts
	part int
	last bool // the files are done after it
}

func newSpilledGroups(node *aggregate, env *Env, in []*groupParts) *spilledGroups {
	s := &spilledGroups{node: node, env: env, files: in}
	s.push(in)
	return s
}

func (s *spilledGroups) push(in []*groupParts) {
	for p := range fanOut {
		if slices.ContainsFunc(in, func(f *groupParts) bool { return len(f.parts[p]) > 0 }) || p == 0 {
			s.tasks = append(s.tasks, groupTask{in: in, part: p, last: p == 0})
		}
	}
}

// next gives the results of as many parts as there are workers, none after the
// last.
func (s *spilledGroups) next(ctx context.Context) ([]*vec.Batch, error) {
	for len(s.tasks) > 0 {
		n := min(len(s.tasks), s.env.Threads)
		tasks := slices.Clone(s.tasks[len(s.tasks)-n:])
		s.tasks = s.tasks[:len(s.tasks)-n]
		out, again := make([]*vec.Batch, n), make([]*groupParts, n)
		for len(s.held) < n {
			s.held = append(s.held, s.env.Budget.reserveSome("summarize"))
		}
		err := each(n, func(i int) (err error) {
			g := newGroups(s.node, s.env, s.held[i])
			g.by.Sparse()
			again[i], err = g.gather(ctx, tasks[i].in, tasks[i].part)
			if err == nil && again[i] == nil {
				out[i] = g.results(false)
			}
			return err
		})
		for _, f := range again {
			if f != nil {
				s.files = append(s.files, f)
			}
		}
		if err != nil {
			return nil, err
		}
		for i, t := range slices.Backward(tasks) {
			if t.last {
				closeParts(t.in)
			}
			if again[i] != nil {
				s.push([]*groupParts{again[i]})
			}
		}
		if out = slices.DeleteFunc(out, func(b *vec.Batch) bool { return b == nil || b.N == 0 }); len(out) > 0 {
			return out, nil
		}
	}
	return nil, nil
}

func closeParts(files []*groupParts) {
	for _, f := range files {
		f.file.Close()
	}
}

func (s *spilledGroups) close() {
	for _, r := range s.held {
		r.release()
	}
	closeParts(s.files)
}
